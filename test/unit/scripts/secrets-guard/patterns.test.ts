import { createHash } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { findSecrets } from "../../../../scripts/secrets-guard/find-secrets.ts";
import { SECRET_RULES } from "../../../../scripts/secrets-guard/patterns.ts";
import { readLine } from "../../../../scripts/secrets-guard/trufflehog.ts";

/** In two parts, so that this file is not one that holds secrets. */
const split = (...parts: string[]) => parts.join("");

const SECRETS: readonly [rule: string, text: string][] = [
  ["AWS_KEY_ID", split("AK", "IAABCDEFGHIJKLMNOP")],
  ["AWS_KEY_ID", split("AS", "IA0123456789ABCDEF")],
  ["PRIVATE_KEY", split("-----BEGIN ", "PRIVATE KEY-----")],
  ["PRIVATE_KEY", split("-----BEGIN RSA ", "PRIVATE KEY-----")],
  ["PRIVATE_KEY", split("-----BEGIN OPENSSH ", "PRIVATE KEY-----")],
  ["SLACK_TOKEN", split("xox", "b-123456789012-abcdef")],
  ["GITHUB_TOKEN", split("gh", "p_0123456789abcdefghijABCDEFGHIJ012345")],
  ["GITHUB_TOKEN", split("github", "_pat_11ABCDEFG0123456789")],
  ["GOOGLE_API_KEY", split("AI", `za${"a-_0B".repeat(7)}`)],
  ["STRIPE_KEY", split("sk", "_live_0123456789abcdef")],
  ["STRIPE_KEY", split("sk", "_test_0123456789abcdef")],
  ["ASSIGNED_KEY", split("api", '_key = "0123456789abcdef"')],
  ["ASSIGNED_KEY", split('"API', "-KEY\": '0123456789abcdef'")],
  ["ASSIGNED_KEY", split("SECRET", "_KEY: `0123456789abcdef`")],
  ["BEARER_TOKEN", split("Authorization: ", "Bearer abcdefgh.ijklmnop")],
  ["BEARER_TOKEN", split('"authorization": ', '"BEARER abcdefghijkl"')],
];

describe("a secret", () => {
  it.each(SECRETS)("is known as %s: case %#", (rule, text) => {
    const [found, ...others] = findSecrets("a.ts", `first line\nx ${text} y\n`);
    expect(found).toMatchObject({ rule, file: "a.ts", line: 2 });
    expect(others).toStrictEqual([]);
    expect(JSON.stringify(found)).not.toContain(text);
  });

  it("is told by the hash of what was found, and every one of them is", () => {
    const [, text = ""] = SECRETS[0] ?? [];
    const findings = findSecrets("a", `${text}\n${text} ${text}`);
    expect(findings.map(({ line }) => line)).toStrictEqual([1, 2, 2]);
    expect(findings[0]?.sha256).toBe(createHash("sha256").update(text).digest("hex"));
  });

  it.each([
    ["a name that begins like one", "AKIAB xox-b ghp_ sk_live_ AIza"],
    ["a longer word with a key's letters in it", `${"Q".repeat(20)}${split("AK", "IAABCDEFGHIJKLMNOP")}QQ`],
    ["a public key", "-----BEGIN PUBLIC KEY-----"],
    ["a setting that is read from elsewhere", 'const apiKey = process.env["API_KEY_OF_THE_SERVICE"];'],
    ["a short setting", split("api", '_key = "local"')],
    [
      "a place for one",
      'Authorization: Bearer <token>\nauthorization: Bearer $KEY\napi_key: "$THE_KEY_OF_THE_SERVICE"',
    ],
  ])("is not %s", (_what, text) => {
    expect(findSecrets("a", text)).toStrictEqual([]);
  });

  it.each(SECRET_RULES.map(({ id }) => [id]))("is looked for in linear time: %s", (id) => {
    const rules = SECRET_RULES.filter((rule) => rule.id === id);
    const hostile = [
      "-----BEGIN ",
      "A ",
      "xoxb-",
      "authorization: ",
      "bearer  ",
      "api_key",
      "'",
      "gh",
      "sk_live_",
      "\n",
      "=",
    ];
    for (const piece of hostile) {
      const text = piece.repeat(200_000 / piece.length);
      const startedAt = performance.now();
      for (const { pattern } of rules) text.match(new RegExp(pattern, `${pattern.flags}g`));
      expect(performance.now() - startedAt).toBeLessThan(2_000);
    }
  });
});

describe("a finding of TruffleHog", () => {
  const line = (SourceMetadata: object) =>
    JSON.stringify({ DetectorName: "Stripe", Raw: "the secret", SourceMetadata });

  it("says where, and not what", () => {
    const Git = { commit: "0123456789abcdef", file: "a.ts", line: 7, email: "somebody@example.com" };
    const found = readLine(line({ Data: { Git } }));
    expect(found).toStrictEqual({
      rule: "TRUFFLEHOG_Stripe",
      file: "a.ts",
      line: 7,
      commit: "0123456789abcdef",
      sha256: createHash("sha256").update("the secret").digest("hex"),
    });
  });

  it.each([["no JSON"], ['{"level":"info","msg":"finished scanning"}'], ["null"]])("is not %s", (text) => {
    expect(readLine(text)).toBeUndefined();
  });
});
