import { isChange, type Operation, takesCredential, takesIdempotencyKey } from "@enceladus/middleware/operation";
import { describe, expect, it } from "@jest/globals";
import { servedOperations } from "../../../scripts/openapi/operations.ts";
import { ROOT, resolvedConfig } from "../../../scripts/service/resolved-config.ts";

const served = await servedOperations();
const all = served.flatMap(({ operations }) => operations);
const changes = all.filter(isChange);

const named = (operations: readonly Operation[]) => operations.map(({ method, path }) => `${method} ${path}`).sort();

describe("once is once", () => {
  it("with an Idempotency-Key, for every change but those whose answers hold secrets", () => {
    expect(named(changes.filter((operation) => !takesIdempotencyKey(operation)))).toEqual([
      "DELETE /api/v1/agents/keys/{id}",
      "POST /api/v1/agents/keys",
      "POST /api/v1/auth/refresh",
      "POST /api/v1/auth/revoke",
    ]);
  });

  it("is no matter of reads", () => {
    expect(named(all.filter((operation) => !isChange(operation) && takesIdempotencyKey(operation)))).toEqual([]);
  });

  it("is kept by caller, so that nobody takes a key who takes no credential", () => {
    const strangers = all.filter(({ auth }) => !takesCredential(auth));
    expect(named(strangers.filter(takesIdempotencyKey))).toEqual([]);
  });

  it("is possible wherever it is promised: the function knows the table of answers", async () => {
    const config = await resolvedConfig();
    const promising = served.filter(({ operations }) => operations.some(takesIdempotencyKey));
    const declarations = Object.values(config.functions);
    const without = promising.filter(({ folder }) => {
      const declared = declarations.find(({ handler }) => String(handler).startsWith(`${folder}/`));
      return !Object.hasOwn((declared?.environment ?? {}) as object, "IDEMPOTENCY_TABLE");
    });
    expect(without.map(({ folder }) => folder)).toEqual([]);
  });
});

describe("a change of an existing record", () => {
  const ofRecords = changes.filter(({ tag, path }) => tag === "tracker" && path.includes("{id}"));

  it("takes the fence of a lease, on every route", () => {
    expect(named(ofRecords.filter(({ fenced }) => fenced !== true))).toEqual([]);
  });
});

describe("versions and fences", () => {
  it.each([
    ["are optional", [], "false"],
    ["are demanded on a stage with strictConcurrency", ["--param", "strictConcurrency=true"], "true"],
  ])("%s", async (_, parameters, setting) => {
    const { provider } = await resolvedConfig("dev", ROOT, parameters);
    expect(provider).toMatchObject({ environment: { STRICT_CONCURRENCY: setting } });
  });

  it("are matters of changes only", () => {
    const reads = all.filter((operation) => !isChange(operation));
    expect(named(reads.filter(({ versioned, fenced }) => versioned || fenced))).toEqual([]);
  });
});
