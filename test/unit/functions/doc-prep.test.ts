import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { handler } from "../../../functions/doc-prep/handler.ts";
import { requestEvent } from "../../../functions/doc-prep/request-event.ts";

process.env.POWERTOOLS_LOG_LEVEL = "SILENT";
const post = { http: { method: "POST" } };

/** As the deploy intake invokes it. */
const ofIntake = {
  requestContext: post,
  rawPath: "/api/v1/doc-prep/alpha",
  pathParameters: { projectName: "alpha" },
  body: '{"dry_run": true}',
};

describe("an event of whoever invokes the function", () => {
  it("keeps what counts", () => {
    expect(requestEvent(ofIntake)).toMatchObject({
      rawPath: "/api/v1/doc-prep/alpha",
      body: '{"dry_run": true}',
      isBase64Encoded: false,
      requestContext: { http: { method: "POST" } },
    });
    const encoded = requestEvent({ ...ofIntake, isBase64Encoded: true, headers: { "X-A": "b" } });
    expect(encoded).toMatchObject({ isBase64Encoded: true, headers: { "X-A": "b" } });
  });

  it.each<[object, string]>([
    [{ pathParameters: { projectName: "alpha" } }, "alpha"],
    [{ pathParameters: { projectName: "alpha" }, rawPath: "/x/beta" }, "alpha"],
    [{ pathParameters: { projectName: "a/b é" } }, "a%2Fb%20%C3%A9"],
    [{ pathParameters: { projectName: "\ud800" } }, "%EF%BF%BD"],
    [{ pathParameters: { projectName: "" }, rawPath: "/api/v1/doc-prep/beta" }, "beta"],
    [{ pathParameters: { projectName: 5 }, rawPath: "/api/v1/doc-prep/beta" }, "beta"],
    [{ rawPath: "/prod/api/v1/doc-prep/beta/" }, "beta"],
    [{ rawPath: "/api/v1/doc-prep/doc-prep" }, "doc-prep"],
    [{ path: "/doc-prep/a%20b" }, "a%20b"],
    [{ requestContext: { http: { path: "/doc-prep/beta" } } }, "beta"],
    [{ rawPath: "/api/v1/doc-prep/" }, "%20"],
    [{ rawPath: "/doc-prep" }, "%20"],
    [{}, "%20"],
  ])("names its project: %j", (event, name) => {
    expect(requestEvent(event).rawPath).toBe(`/api/v1/doc-prep/${name}`);
  });

  it("has the method of either payload format", () => {
    expect(requestEvent({ httpMethod: "POST" }).requestContext?.http?.method).toBe("POST");
    expect(requestEvent({ httpMethod: 5, requestContext: { http: { method: {} } } }).requestContext?.http?.method).toBe(
      "",
    );
  });
});

async function statusOf(event: unknown): Promise<number> {
  const answer = await handler(event as Parameters<typeof handler>[0], { awsRequestId: "none" });
  expect(JSON.parse(answer.body)).toMatchObject({ success: false, error: expect.stringMatching(/\S/) });
  return answer.statusCode;
}

describe("an answer to any event at all", () => {
  // None of these gets as far as to look for the project, so that no AWS is needed.
  it("has the shape of the gateway, whatever was sent", async () => {
    await fc.assert(
      fc.asyncProperty(fc.anything(), async (event) => {
        expect(await statusOf(event)).toBe(405);
      }),
      { numRuns: 100 },
    );
  });

  it.each(["{", "[]", "null", '{"dry_run":"false"}', '{"dry_run":null}', '{"dry_run":1}', [], { dry_run: "true" }, 5])(
    "is a 400 to the body %j",
    async (body) => {
      expect(await statusOf({ ...ofIntake, body })).toBe(400);
    },
  );

  it("is a 400 where no project is named, and a 404 where it cannot be one", async () => {
    for (const projectName of [" ", "\t\n"]) {
      expect(await statusOf({ ...ofIntake, pathParameters: { projectName } })).toBe(400);
    }
    expect(await statusOf({ ...ofIntake, pathParameters: null, rawPath: "/api/v1/doc-prep/" })).toBe(400);
    for (const projectName of ["a/b", "5", "\ud800", "__proto__", "x".repeat(3_000)]) {
      expect(await statusOf({ ...ofIntake, pathParameters: { projectName } })).toBe(404);
    }
  });

  it("is a 405 to every method but POST", async () => {
    for (const method of ["GET", "PUT", "DELETE", ""]) {
      expect(await statusOf({ ...ofIntake, requestContext: { http: { method } } })).toBe(405);
    }
  });
});
