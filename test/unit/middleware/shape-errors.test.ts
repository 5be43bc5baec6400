import { shapeError } from "@enceladus/middleware/shape-errors";
import { DomainError, type ErrorCode } from "@enceladus/shared/errors";
import { describe, expect, it } from "@jest/globals";

describe("an error becomes an answer", () => {
  it.each<[ErrorCode, number, string, boolean]>([
    ["INVALID_INPUT", 400, "INVALID_INPUT", false],
    ["UNAUTHENTICATED", 401, "PERMISSION_DENIED", false],
    ["FORBIDDEN", 403, "PERMISSION_DENIED", false],
    ["POLICY_DENIED", 403, "POLICY_DENIED", false],
    ["NOT_FOUND", 404, "NOT_FOUND", false],
    ["METHOD_NOT_ALLOWED", 405, "METHOD_NOT_ALLOWED", false],
    ["NOTHING_READY", 404, "NOTHING_READY", true],
    ["BLOCKED", 409, "BLOCKED", false],
    ["CONFLICT", 409, "CONFLICT", false],
    ["DEPENDENCY_CYCLE", 409, "DEPENDENCY_CYCLE", false],
    ["IDEMPOTENCY_IN_FLIGHT", 409, "IDEMPOTENCY_IN_FLIGHT", true],
    ["LEASE_LOST", 409, "LEASE_LOST", false],
    ["NOT_HOLDER", 409, "NOT_HOLDER", false],
    ["STALE_FENCE", 409, "STALE_FENCE", false],
    ["VERSION_CONFLICT", 409, "VERSION_CONFLICT", false],
    ["PRECONDITION_FAILED", 412, "VERSION_CONFLICT", false],
    ["PAYLOAD_TOO_LARGE", 413, "PAYLOAD_TOO_LARGE", false],
    ["IDEMPOTENCY_MISMATCH", 422, "IDEMPOTENCY_MISMATCH", false],
    ["PRECONDITION_REQUIRED", 428, "PRECONDITION_REQUIRED", false],
    ["RATE_LIMITED", 429, "RATE_LIMITED", true],
    ["INTERNAL_ERROR", 500, "INTERNAL_ERROR", true],
    ["CONFIGURATION_ERROR", 500, "CONFIGURATION_ERROR", false],
    ["UPSTREAM_ERROR", 502, "UPSTREAM_ERROR", true],
    ["UNAVAILABLE", 503, "UPSTREAM_ERROR", true],
    ["TIMEOUT", 504, "TIMEOUT", true],
  ])("%s: %i %s, retryable %s", (code, status, publicCode, retryable) => {
    const shaped = shapeError(new DomainError(code, "Why."));
    expect(shaped).toMatchObject({ status, code: publicCode, headers: { "Cache-Control": "no-store" } });
    expect(shaped.body).toStrictEqual({
      success: false,
      error: "Why.",
      error_envelope: { code: publicCode, message: "Why.", retryable, details: {} },
    });
  });

  it("has every detail at the top level too, except where the envelope stands", () => {
    const details = { holder: "ada", success: true, error: "x", error_envelope: 5 };
    const { body } = shapeError(new DomainError("CONFLICT", "Taken.", details));
    expect(body).toMatchObject({ success: false, error: "Taken.", holder: "ada" });
    expect(body.error_envelope).toMatchObject({ code: "CONFLICT", details });
  });

  it("says when to try again, and which methods there are", () => {
    const later = new DomainError("UNAVAILABLE", "Later.", {}, { retryAfterSeconds: 7, retryable: false });
    expect(shapeError(later)).toMatchObject({
      headers: { "Retry-After": "7" },
      body: { error_envelope: { retryable: false } },
    });
    const allow = { allow: ["GET", "OPTIONS"] };
    expect(shapeError(new DomainError("METHOD_NOT_ALLOWED", "No.", allow)).headers.Allow).toBe("GET, OPTIONS");
  });

  it.each([new Error("password=hunter2"), "hunter2", null, undefined, { message: "hunter2" }])(
    "tells nothing of anything unexpected (%p)",
    (thrown) => {
      const shaped = shapeError(thrown);
      expect(shaped).toMatchObject({ status: 500, code: "INTERNAL_ERROR" });
      expect(shaped.body).toMatchObject({ error: "Internal service error" });
      expect(JSON.stringify(shaped)).not.toContain("hunter2");
    },
  );

  it("never shows the cause of an error that it knows", () => {
    const cause = new Error("hunter2");
    expect(JSON.stringify(shapeError(new DomainError("CONFLICT", "Taken.", {}, { cause })))).not.toContain("hunter2");
  });
});
