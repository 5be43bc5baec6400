import { takesCredential } from "@enceladus/middleware/operation";
import { GRANTABLE_SCOPES, grants, isGrantable } from "@enceladus/shared/scopes";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { byKey, issueKey } from "../../support/agent-keys.ts";
import { callFunction } from "../../support/call-function.ts";
import { httpFunctions, type OperationRequest, requestsOf } from "../../support/http-functions.ts";
import { callsDuring } from "../../support/services.ts";

const all = requestsOf(await httpFunctions());
const guarded = all.filter(({ operation }) => takesCredential(operation.auth));
const forAgents = guarded.filter(({ operation }) => operation.auth.includes("agent-key"));
const forOthers = guarded.filter(({ operation }) => !operation.auth.includes("agent-key"));

/** A key for each set of scopes that is asked for, by the scopes. */
const keys = new Map<string, string>();

async function keyWith(scopes: readonly string[]): Promise<Record<string, string>> {
  const name = scopes.join(" ");
  const secret = keys.get(name) ?? (await issueKey({ scopes: [...scopes] })).secret;
  keys.set(name, secret);
  return byKey(secret);
}

interface Body {
  error_envelope: { code: string; details: Record<string, unknown> };
  required_scope?: string;
}

function send({ handler, method, path }: OperationRequest, headers: Record<string, string>) {
  return callFunction<Body | undefined>(handler, { method, path, headers, ...(method !== "GET" && { body: {} }) });
}

beforeAll(async () => {
  // Every function looks its keys up for itself; these are looked up once before anything is counted.
  await keyWith(GRANTABLE_SCOPES);
});

describe("an operation that agents may call lets a key in that has its scope and no other", () => {
  it.each(forAgents.map((request) => [request.title, request] as const))("%s", async (_title, request) => {
    const scope = String(request.operation.scope);
    const answer = await send(request, await keyWith([scope]));
    expect([401, 403]).not.toContain(answer.status);
    for (const group of [`${scope.split(":")[0]}:*`].filter(isGrantable)) {
      expect((await send(request, await keyWith([group]))).status).toBe(answer.status);
    }
  });
});

describe("a key that has every scope but the one is refused, before anything is looked at", () => {
  it.each(forAgents.map((request) => [request.title, request] as const))("%s", async (_title, request) => {
    const { scope } = request.operation;
    if (scope === undefined) throw new Error("an operation for agents has a scope");
    const others = await keyWith(GRANTABLE_SCOPES.filter((granted) => !grants([granted], scope)));
    await send(request, others);
    const calls = await callsDuring(async () => {
      const { status, body } = await send(request, others);
      expect([status, body?.error_envelope.code]).toEqual([403, "PERMISSION_DENIED"]);
      expect(body?.error_envelope.details).toMatchObject({ required_scope: scope });
      expect(body?.required_scope).toBe(scope);
    });
    expect(calls).toEqual([]);
  });
});

describe("an operation that agents may not call takes their keys for nothing, whatever they hold", () => {
  it.each(forOthers.map((request) => [request.title, request] as const))("%s", async (_title, request) => {
    const answer = await send(request, await keyWith(GRANTABLE_SCOPES));
    expect(answer.status).toBe(401);
  });
});

describe("people and the internal key", () => {
  it("are asked for a scope by every operation that takes a credential, and hold it", () => {
    expect(guarded.filter(({ operation }) => operation.scope === undefined)).toEqual([]);
    expect(guarded.length).toBeGreaterThan(0);
  });
});
