import { authenticate } from "@enceladus/middleware/authenticate";
import { normalizeEvent } from "@enceladus/middleware/http-event";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { gatewayEvent } from "../../../scripts/packages/gateway-event.ts";

process.env.COORDINATION_INTERNAL_API_KEY = "the-internal-key";
delete process.env.INTERNAL_KEY_SECRET;
delete process.env.AGENT_KEYS_TABLE;

const ACCEPTED = ["cookie", "internal-key", "agent-key"] as const;
const KEY_HEADER = "X-Coordination-Internal-Key";

function authenticated(headers: Record<string, string>) {
  return authenticate(normalizeEvent(gatewayEvent({ method: "GET", path: "/x", headers })), ACCEPTED);
}

/** Why there is no caller, as the log tells it. */
async function reasonFor(headers: Record<string, string>): Promise<unknown> {
  const refusal = await authenticated(headers).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: "UNAUTHENTICATED", message: "Authentication required. Please sign in." });
  return (refusal as { cause: Error }).cause.message;
}

describe("who calls", () => {
  it("is nobody, whatever text stands in the headers of keys", async () => {
    const hostile = fc.oneof(
      fc.string({ unit: "binary", maxLength: 200 }),
      fc.string({ maxLength: 80 }).map((tail) => `enc_${tail}`),
      fc.string({ maxLength: 80 }).map((tail) => `Bearer ${tail}`),
      fc.string({ maxLength: 80 }).map((tail) => `bEaReR    enc_${tail}`),
      fc.constantFrom("Bearer", "Bearer ", " ".repeat(4_000), `Bearer${" ".repeat(4_000)}x y`, "x".repeat(100_000)),
    );
    await fc.assert(
      fc.asyncProperty(hostile, hostile, async (key, authorization) => {
        expect(typeof (await reasonFor({ [KEY_HEADER]: key, authorization }))).toBe("string");
      }),
    );
  });

  it("is told to the log where it is nobody", async () => {
    const key = `enc_01M82QV7SBCSQ9NYN8GYQBZGAJ_${"A".repeat(43)}`;
    expect(await reasonFor({})).toBe("no_credential");
    expect(await reasonFor({ authorization: "Bearer an.id.token" })).toBe("no_credential");
    expect(await reasonFor({ [KEY_HEADER]: "wrong" })).toBe("wrong_internal_key");
    expect(await reasonFor({ [KEY_HEADER]: "enc_x" })).toBe("agent_key_malformed");
    expect(await reasonFor({ authorization: `Bearer ${key}` })).toBe("agent_keys_off");
  });

  it("is a service with the internal key in its own header, and there only", async () => {
    expect(await authenticated({ [KEY_HEADER]: "the-internal-key" })).toMatchObject({ mode: "internal-key" });
    expect(await reasonFor({ authorization: "Bearer the-internal-key" })).toBe("no_credential");
  });

  it("is nobody with a key of a kind that is not accepted", async () => {
    const request = normalizeEvent(
      gatewayEvent({ method: "GET", path: "/x", headers: { [KEY_HEADER]: "the-internal-key" } }),
    );
    for (const accepted of [["cookie"], ["agent-key"], []] as const) {
      await expect(authenticate(request, accepted)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    }
  });
});
