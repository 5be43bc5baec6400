import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { ApiClient } from "../../../scripts/api/client.ts";
import { locateApi } from "../../../scripts/api/locate.ts";
import { requireProject } from "../../../scripts/api/project.ts";

const LOCAL = { apiUrl: "http://127.0.0.1:3000", internalKey: "local key" };
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "enceladus-api-"));
  await writeFile(join(folder, "endpoints.json"), JSON.stringify(LOCAL));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the API of a command", () => {
  it("is the local system's", async () => {
    expect(await locateApi({ data: folder }, {})).toEqual({
      url: LOCAL.apiUrl,
      key: LOCAL.internalKey,
      endpointsFile: join(folder, "endpoints.json"),
    });
  });

  it("is rather that of the environment, and rather still that of the command line", async () => {
    const environment = { ENCELADUS_API: "https://api.example.com/", ENCELADUS_KEY: "their key" };
    expect(await locateApi({ data: folder }, environment)).toMatchObject({
      url: "https://api.example.com",
      key: "their key",
      endpointsFile: undefined,
    });
    const options = { data: folder, api: "https://other.example.com", key: "my key" };
    expect(await locateApi(options, environment)).toMatchObject({ url: "https://other.example.com", key: "my key" });
  });

  it("never gets the key of the local system when it is another one", async () => {
    await expect(locateApi({ data: folder, api: "https://api.example.com" }, {})).rejects.toThrow("A key for");
  });

  it("is asked for where there is none", async () => {
    await expect(locateApi({ data: join(folder, "nowhere") }, {})).rejects.toThrow("npm start");
    await expect(locateApi({ data: folder, api: "api.example.com", key: "x" }, {})).rejects.toThrow("is no address");
  });
});

describe("a call", () => {
  let server: Server;
  let client: ApiClient;
  /** What the server says next; the last one for ever. */
  let answers: { status: number; body: string }[];
  let calls: number;
  let headers: IncomingHttpHeaders;

  const refusal = (error: string, retryable = false) =>
    JSON.stringify({ success: false, error, error_envelope: { code: "X", message: error, retryable, details: {} } });

  beforeAll(async () => {
    server = createServer((request, response) => {
      calls += 1;
      headers = request.headers;
      const next = answers.length > 1 ? answers.shift() : answers[0];
      response.writeHead(next?.status ?? 500, { "content-type": "application/json" }).end(next?.body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    client = new ApiClient({ url: `http://127.0.0.1:${port}`, key: "k", endpointsFile: undefined });
    // The pauses between the attempts are drawn.
    jest.spyOn(Math, "random").mockReturnValue(0);
  });

  afterAll(() => {
    jest.restoreAllMocks();
    server.close();
  });

  beforeEach(() => {
    calls = 0;
  });

  const call = () => client.call({ method: "GET", path: "/x" });

  it("that fails in a way that may pass is tried again", async () => {
    answers = [
      { status: 500, body: '{"message":"Internal Server Error"}' },
      { status: 503, body: refusal("later", true) },
      { status: 200, body: '{"success":true}' },
    ];
    expect(await call()).toEqual({ success: true });
    expect(calls).toBe(3);
  });

  it("that is refused for good is not", async () => {
    answers = [{ status: 400, body: refusal("no such thing") }];
    await expect(call()).rejects.toThrow("answered 400: no such thing");
    answers = [{ status: 500, body: refusal("misconfigured", false) }];
    await expect(call()).rejects.toThrow("answered 500: misconfigured");
    answers = [{ status: 401, body: refusal("Authentication required") }];
    await expect(call()).rejects.toThrow("does not accept the key");
    expect(calls).toBe(3);
  });

  it("of a change says which one it is, and of what version", async () => {
    answers = [{ status: 412, body: refusal("another version") }];
    const change = { method: "PATCH", path: "/x", body: {}, idempotencyKey: "once", ifVersion: 3 } as const;
    await expect(client.call(change)).rejects.toMatchObject({ status: 412, words: "another version" });
    expect(headers).toMatchObject({ "idempotency-key": "once", "if-match": '"3"' });
    await expect(call()).rejects.toThrow("412");
    expect(headers).not.toHaveProperty("idempotency-key");
    expect(headers).not.toHaveProperty("if-match");
  });

  it("to nobody says so at once when it is the first", async () => {
    const nobody = new ApiClient({ url: "http://127.0.0.1:9", key: "k", endpointsFile: undefined });
    await expect(nobody.call({ method: "GET", path: "/x", isFirst: true })).rejects.toThrow("No API answers at");
  });

  it("tells an unknown project from an unknown record", async () => {
    answers = [{ status: 404, body: refusal("Record not found.") }];
    await requireProject(client, "known");
    answers = [{ status: 404, body: refusal("Project 'moon-base' is not registered.") }];
    await expect(requireProject(client, "moon-base")).rejects.toThrow('"prefix":"MOO"');
    answers = [{ status: 403, body: refusal("This key lacks the scope tracker:read.") }];
    await requireProject(client, "known");
    answers = [{ status: 404, body: "<html>not here</html>" }];
    await expect(requireProject(client, "known")).rejects.toThrow("answered 404");
    await expect(requireProject(client, "Moon")).rejects.toThrow("is no name of a project");
  });
});
