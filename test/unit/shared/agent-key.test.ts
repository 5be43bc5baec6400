import { formatAgentKey, hashOfSecret, isAgentKeyId, keyRefusal, parseAgentKey } from "@enceladus/shared/agent-key";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { newAgentKey } from "../../../domain/identity/agent-key.ts";

const NOW = Date.parse("2026-06-01T12:00:00Z");

describe("a key of an agent", () => {
  it("has an id that sorts by its time, and 256 random bits", () => {
    const [one, two] = [newAgentKey(), newAgentKey()];
    expect(formatAgentKey(one)).toMatch(/^enc_[0-9A-Z]{26}_[A-Za-z0-9_-]{43}$/);
    expect(Buffer.from(one.secret, "base64url")).toHaveLength(32);
    expect(one.secret).not.toBe(two.secret);
    expect(one.id).not.toBe(two.id);
  });

  it("is read as what was written", () => {
    for (let count = 0; count < 200; count += 1) {
      const key = newAgentKey();
      expect(parseAgentKey(formatAgentKey(key))).toEqual(key);
      expect(isAgentKeyId(key.id)).toBe(true);
    }
  });

  const key = newAgentKey();
  const text = formatAgentKey(key);

  it.each<[why: string, text: string]>([
    ["nothing", ""],
    ["the prefix alone", "enc_"],
    ["the id alone", `enc_${key.id}`],
    ["no secret", `enc_${key.id}_`],
    ["a secret that is cut", text.slice(0, -1)],
    ["a secret that goes on", `${text}A`],
    ["a blank behind it", `${text} `],
    ["a line break behind it", `${text}\n`],
    ["another prefix", text.replace("enc_", "ENC_")],
    ["an id in small letters", text.replace(key.id, key.id.toLowerCase())],
    ["an id with a letter that ULIDs lack", text.replace(key.id, `${key.id.slice(0, 25)}U`)],
    ["an id of after the end of time", text.replace(key.id, `8${key.id.slice(1)}`)],
    ["a secret with a letter that base64url lacks", `${text.slice(0, -1)}+`],
    ["two keys", `${text}${text}`],
  ])("is none with %s", (_why, broken) => {
    expect(parseAgentKey(broken)).toBeUndefined();
  });

  it("is none whatever else a header holds, and no text takes long to tell", () => {
    const hostile = fc.oneof(
      fc.string({ unit: "binary", maxLength: 200 }),
      fc.string({ maxLength: 80 }).map((tail) => `enc_${tail}`),
      fc.constantFrom("enc_".repeat(20_000), `enc_${"0".repeat(100_000)}`, `enc_${"_".repeat(100_000)}`),
    );
    fc.assert(
      fc.property(hostile, (presented) => {
        expect(parseAgentKey(presented)).toBeUndefined();
      }),
    );
  });
});

describe("a presented key", () => {
  const { secret } = newAgentKey();
  const issued = { secret_sha256: hashOfSecret(secret), expires_at: "2026-06-01T12:00:01Z" };

  it("is good while it is neither expired nor revoked", () => {
    expect(keyRefusal(issued, secret, NOW)).toBeUndefined();
  });

  it("is not stored: what is stored does not open anything", () => {
    expect(issued.secret_sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(keyRefusal(issued, issued.secret_sha256, NOW)).toBe("agent_key_wrong_secret");
  });

  it("is over in the very second in which it expires, and where nobody can tell when that is", () => {
    expect(keyRefusal({ ...issued, expires_at: "2026-06-01T12:00:00Z" }, secret, NOW)).toBe("agent_key_expired");
    expect(keyRefusal({ ...issued, expires_at: "" }, secret, NOW)).toBe("agent_key_expired");
  });

  it("is refused once it is revoked, also where it expires later", () => {
    expect(keyRefusal({ ...issued, revoked_at: "2026-06-01T00:00:00Z" }, secret, NOW)).toBe("agent_key_revoked");
  });

  it("is refused where its id is unknown, whatever its secret", () => {
    for (const presented of [secret, ""]) expect(keyRefusal(undefined, presented, NOW)).toBe("agent_key_unknown");
  });

  it("is refused for every other secret", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (other) => {
        fc.pre(other !== secret);
        expect(keyRefusal(issued, other, NOW)).toBe("agent_key_wrong_secret");
      }),
    );
  });
});
