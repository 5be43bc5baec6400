import { beforeAll, describe, expect, it } from "@jest/globals";
import { ApiCaller } from "../../support/api-caller.ts";
import { system } from "../../support/shared-system.ts";

let person: ApiCaller;
let service: ApiCaller;
let stranger: ApiCaller;

beforeAll(async () => {
  person = ApiCaller.person(system);
  service = ApiCaller.service(system);
  stranger = new ApiCaller(system);
  await person.createProject("odd", "ODD");
  await person.post("/api/v1/tracker/odd/task", { title: "One", acceptance_criteria: ["one"] });
});

const TASK = "/api/v1/tracker/odd/task/ODD-TSK-001";

async function codeOf(answer: ReturnType<ApiCaller["call"]>) {
  const { status, body } = await answer;
  return [status, (body.error_envelope as { code: string }).code];
}

describe("a body", () => {
  it.each([
    ["half an object", '{"title":', "Invalid JSON body"],
    ["a list", "[]", "JSON body must be an object"],
    ["a text", '"hello"', "JSON body must be an object"],
    ["null", "null", "JSON body must be an object"],
    ["half a character", '{"title":"\\ud800"}', "Invalid JSON body"],
  ])("that is %s is refused on every route that takes one", async (_, body, message) => {
    const routes: [string, string][] = [
      ["POST", "/api/v1/projects"],
      ["POST", "/api/v1/tracker/odd/task"],
      ["POST", "/api/v1/tracker/odd/imports"],
      ["PATCH", TASK],
      ["POST", `${TASK}/log`],
      ["POST", `${TASK}/checkout`],
    ];
    for (const [method, path] of routes) {
      const answer = await person.call(method, path, { body });
      expect([path, answer.status, answer.body.error]).toEqual([path, 400, expect.stringContaining(message)]);
    }
  });

  it.each([
    ["a title that is a list", "POST", "/api/v1/tracker/odd/task", { title: ["x"], acceptance_criteria: ["y"] }],
    ["evidence that is a text", "POST", "/api/v1/tracker/odd/issue", { title: "x", evidence: "y" }],
    ["a writer that is a text", "POST", `${TASK}/log`, { description: "x", write_source: "me" }],
    ["a status that is a number", "PATCH", TASK, { field: "status", value: 7 }],
    ["a system-managed field", "PATCH", TASK, { field: "sync_version", value: 7 }],
    ["a record that is none", "POST", "/api/v1/tracker/odd/imports", { records: [7] }],
    ["no records at all", "POST", "/api/v1/tracker/odd/imports", { records: [] }],
    ["a prefix that is a number", "POST", "/api/v1/projects", { name: "x", prefix: 7, summary: "y" }],
  ])("with %s is refused", async (_, method, path, body) => {
    expect(await codeOf(person.call(method, path, { body }))).toEqual([400, "INVALID_INPUT"]);
  });

  it("that is too large is refused, before and behind the credential", async () => {
    const body = { title: "x", acceptance_criteria: ["y".repeat(300_000)] };
    expect(await codeOf(person.post("/api/v1/tracker/odd/task", body))).toEqual([413, "PAYLOAD_TOO_LARGE"]);
    expect(await codeOf(stranger.post("/api/v1/tracker/odd/task", body))).toEqual([401, "PERMISSION_DENIED"]);
  });
});

describe("a path", () => {
  it.each([
    ["/api/v1/nowhere", 404],
    ["/api/v1/tracker/odd/story/ODD-TSK-001", 404],
    ["/api/v1/tracker/nobody/task/ODD-TSK-001", 404],
    ["/api/v1/tracker/odd/task/ODD-TSK-999", 404],
    ["/api/v1/tracker/odd/task/%2e%2e%2f", 404],
    ["/api/v1/tracker/ODD", 404],
    ["/", 404],
  ])("%s leads nowhere; strangers learn only that they are strangers", async (path, status) => {
    expect(await codeOf(service.get(path))).toEqual([status, "NOT_FOUND"]);
    expect(await codeOf(stranger.get(path))).toEqual([401, "PERMISSION_DENIED"]);
  });

  it.each([
    ["PUT", "/api/v1/projects", "GET, POST, OPTIONS"],
    ["PATCH", `${TASK}/log`, "POST, OPTIONS"],
    ["DELETE", TASK, "GET, PATCH, OPTIONS"],
  ])("does not take %s %s, and says what it takes", async (method, path, allow) => {
    const answer = await person.call(method, path);
    expect(await codeOf(Promise.resolve(answer))).toEqual([405, "METHOD_NOT_ALLOWED"]);
    expect(answer.headers.get("allow")?.split(", ").sort()).toEqual(allow.split(", ").sort());
    expect(await codeOf(stranger.call(method, path))).toEqual([401, "PERMISSION_DENIED"]);
  });
});

describe("a preflight", () => {
  it("is answered on every route there is, and on those there are not", async () => {
    const document = await fetch(`${system.endpoints.apiUrl}/local/openapi.json`);
    const { paths } = (await document.json()) as { paths: Record<string, unknown> };
    expect(Object.keys(paths).length).toBeGreaterThan(8);
    for (const template of [...Object.keys(paths), "/api/v1/nowhere", "/"]) {
      const path = template.replaceAll("{type}", "task").replaceAll(/\{\w+\}/g, "odd");
      const { status, text, headers } = await stranger.call("OPTIONS", path, {
        headers: { Origin: "https://app.example.com", "Access-Control-Request-Method": "POST" },
      });
      expect([path, status, text]).toEqual([path, 204, ""]);
      expect(headers.get("access-control-allow-origin")).toBe("https://app.example.com");
    }
  });
});

describe("a credential", () => {
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

  /** The parts of a good token, changed and put together again. */
  function forged(change: (header: object, payload: object) => [object, object]): string {
    const [header = "", payload = "", signature = ""] = system.endpoints.users[0]?.idToken.split(".") ?? [];
    const decode = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString()) as object;
    const [newHeader, newPayload] = change(decode(header), decode(payload));
    return `${encoded(newHeader)}.${encoded(newPayload)}.${signature}`;
  }

  it.each<[string, () => string]>([
    ["garbage", () => "garbage"],
    ["nothing", () => ""],
    ["three dots", () => "..."],
    ["a token for somebody else", () => forged((header, payload) => [header, { ...payload, sub: "somebody-else" }])],
    ["an unsigned token", () => forged((header, payload) => [{ ...header, alg: "none" }, payload])],
    ["a token of another key", () => forged((header, payload) => [{ ...header, kid: "another" }, payload])],
    ["a token of another algorithm", () => forged((header, payload) => [{ ...header, alg: "HS256" }, payload])],
    ["a very long token", () => "x".repeat(9_000)],
  ])("that is %s is refused", async (_, token) => {
    const answer = await stranger.get("/api/v1/projects", { Cookie: `enceladus_id_token=${token()}` });
    expect(await codeOf(Promise.resolve(answer))).toEqual([401, "PERMISSION_DENIED"]);
  });

  it("that is a wrong key is no credential, and does no harm beside a good cookie", async () => {
    const wrong = { "X-Coordination-Internal-Key": "wrong" };
    expect((await stranger.get("/api/v1/tracker/odd", wrong)).status).toBe(401);
    expect((await person.get("/api/v1/tracker/odd", wrong)).status).toBe(200);
  });

  it("of a service does not open what is for people only", async () => {
    expect(await codeOf(service.get("/api/v1/projects"))).toEqual([401, "PERMISSION_DENIED"]);
  });

  it("may stand among odd cookies", async () => {
    const cookie = system.endpoints.users[0]?.cookie ?? "";
    const odd = [`a=b; ${cookie}`, `=; ;; x; ${cookie};`, `enceladus_id_token=; ${cookie}`, `"q"="\\"; ${cookie}`];
    for (const line of odd) expect((await stranger.get("/api/v1/projects", { Cookie: line })).status).toBe(200);
    const badFirst = `enceladus_id_token=garbage; ${cookie}`;
    expect((await stranger.get("/api/v1/projects", { Cookie: badFirst })).status).toBe(401);
  });
});

describe("a page of somebody else", () => {
  const body = { title: "Theirs", acceptance_criteria: ["x"] };

  it.each([
    ["its origin", { Origin: "https://evil.example.net" }],
    ["the origin null", { Origin: "null" }],
    ["no origin, but cross-site", { "Sec-Fetch-Site": "cross-site" }],
  ])("cannot write with a person's cookie: %s", async (_, headers) => {
    const answer = await person.post("/api/v1/tracker/odd/task", body, headers as Record<string, string>);
    expect(await codeOf(Promise.resolve(answer))).toEqual([403, "PERMISSION_DENIED"]);
    expect(answer.headers.get("access-control-allow-origin")).not.toContain("evil");
  });

  it("may be the API's own", async () => {
    const own = { Origin: system.endpoints.apiUrl };
    expect((await person.post("/api/v1/tracker/odd/task", body, own)).status).toBe(201);
  });
});
