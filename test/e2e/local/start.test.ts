import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import type { AwsCall } from "../../../scripts/local/wire/calls.ts";
import {
  freePortPair,
  isListening,
  type LocalSystem,
  runStart,
  startSystem,
  temporaryFolder,
} from "../../support/local-system.ts";
import { WebVisitor } from "../../support/web-visitor.ts";

// Each start takes seconds, many more on a busy machine.
jest.setTimeout(120_000);

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let system: LocalSystem;

beforeAll(async () => {
  folder = await temporaryFolder();
  system = await startSystem(join(folder.path, "data"), "--no-seed");
});

afterAll(async () => {
  await system?.stop();
  await folder?.remove();
});

const portOf = (url: string) => Number(new URL(url).port);
const get = (path: string, headers: Record<string, string> = {}) => fetch(system.endpoints.apiUrl + path, { headers });
const signedIn = () => ({ cookie: system.endpoints.users[0]?.cookie ?? "" });

describe("endpoints.json", () => {
  it("has exactly the keys that scripts rely on", () => {
    const { endpoints } = system;
    expect(Object.keys(endpoints).sort()).toEqual(
      [
        ...["apiUrl", "mcpUrl", "lambdaUrl", "region", "aws", "internalKey", "userPoolId", "clientId", "issuer"],
        ...["users", "tables", "buckets", "queues", "topics", "functions"],
      ].sort(),
    );
    const services = ["dynamodb", "s3", "sqs", "sns", "eventbridge", "cognito"];
    expect(Object.keys(endpoints.aws).sort()).toEqual(["accessKeyId", "secretAccessKey", ...services].sort());
    expect(Object.keys(endpoints.buckets).sort()).toEqual(["analytics", "assets"]);
    expect(Object.keys(endpoints.users[0] ?? {}).sort()).toEqual([
      "cookie",
      "idToken",
      "password",
      "refreshToken",
      "username",
    ]);
  });

  it("names things by their names in production", () => {
    const { tables, queues, functions, topics } = system.endpoints;
    expect(tables["devops-project-tracker"]).toBe("devops-project-tracker-dev");
    expect(queues["enceladus-events-dlq"]).toMatch(
      /^http:\/\/127\.0\.0\.1:\d+\/000000000000\/enceladus-events-dlq-dev$/,
    );
    expect(topics["enceladus-alerts"]).toBe("arn:aws:sns:us-east-1:000000000000:enceladus-alerts-dev");
    expect(functions.trackerMutation).toBe("devops-tracker-mutation-api-dev");
  });

  it("is for its owner's eyes only", () => {
    expect(statSync(join(system.dataDir, "endpoints.json")).mode & 0o777).toBe(0o600);
  });

  it("has an issuer that the tokens name and whose keys can be had", async () => {
    const { issuer, users } = system.endpoints;
    const claims = JSON.parse(Buffer.from(users[0]?.idToken.split(".")[1] ?? "", "base64url").toString());
    expect(claims).toMatchObject({
      iss: issuer,
      aud: system.endpoints.clientId,
      token_use: "id",
      email: users[0]?.username,
    });
    expect(await (await fetch(`${issuer}/.well-known/jwks.json`)).json()).toMatchObject({ keys: [{ alg: "RS256" }] });
  });
});

describe("what is printed", () => {
  it("has a curl that works, and says where the key and the reference are", async () => {
    const output = system.output();
    const [, cookie, url] = /curl -H 'Cookie: (\S+)' (\S+)/.exec(output) ?? [];
    const answer = await fetch(url ?? "", { headers: { cookie: cookie ?? "" } });
    expect(answer.status).toBe(200);
    expect(output).toContain(`${system.endpoints.apiUrl}/enceladus/`);
    expect(output).toContain(`${system.endpoints.apiUrl}/local/reference`);
    expect(output).toContain(join(system.dataDir, "endpoints.json"));
    expect(output).not.toContain(system.endpoints.internalKey);
  });
});

describe("the API", () => {
  it("hands odd requests to the functions instead of refusing them itself", async () => {
    const odd = await get("/api/v1/projects", { cookie: "a=b; garbage;;=" });
    expect([odd.status, await odd.json()]).toMatchObject([401, { success: false }]);

    const huge = await get("/api/v1/projects", { cookie: `enceladus_id_token=${"a".repeat(20_000)}` });
    expect([huge.status, await huge.json()]).toMatchObject([401, { success: false }]);

    const preflight = await fetch(`${system.endpoints.apiUrl}/api/v1/projects`, {
      method: "OPTIONS",
      headers: { origin: system.endpoints.apiUrl },
    });
    expect(preflight.headers.get("access-control-allow-origin")).toBe(system.endpoints.apiUrl);

    const malformed = await fetch(`${system.endpoints.apiUrl}/api/v1/projects`, {
      method: "POST",
      headers: { ...signedIn(), "content-type": "application/json" },
      body: "{bad",
    });
    expect([malformed.status, await malformed.json()]).toMatchObject([400, { success: false }]);
  });

  it("answers unknown paths through the default route", async () => {
    const answer = await get("/no/such/path", signedIn());
    expect([answer.status, await answer.json()]).toMatchObject([404, { success: false }]);
  });

  it("gives each request an id of its own", async () => {
    const ids = await Promise.all(
      [1, 2].map(async () => (await get("/api/v1/projects", signedIn())).headers.get("x-request-id")),
    );
    expect(ids[0]).toBeTruthy();
    expect(ids[0]).not.toBe(ids[1]);
  });

  it("answers five hundred requests at once", async () => {
    const statuses = await Promise.all(
      Array.from({ length: 500 }, async () => {
        const answer = await get("/api/v1/projects", signedIn());
        await answer.arrayBuffer();
        return answer.status;
      }),
    );
    expect(new Set(statuses)).toEqual(new Set([200]));
  });
});

describe("the Lambda endpoint", () => {
  const invoke = (name: string, body: string, headers = {}) =>
    fetch(`${system.endpoints.lambdaUrl}/2015-03-31/functions/${name}/invocations`, { method: "POST", body, headers });

  it("runs a function with any event", async () => {
    const event = { version: "2.0", routeKey: "$default", rawPath: "/x", requestContext: { http: { method: "GET" } } };
    const answer = await invoke(system.endpoints.functions.notFound ?? "", JSON.stringify(event));
    expect([answer.status, await answer.json()]).toMatchObject([200, { statusCode: 401 }]);
  });

  it("knows no other functions", async () => {
    const answer = await invoke("no-such-function", "{}");
    expect([answer.status, answer.headers.get("x-amzn-errortype")]).toEqual([404, "ResourceNotFoundException"]);
  });

  it("takes JSON only", async () => {
    expect((await invoke(system.endpoints.functions.notFound ?? "", "{bad")).status).toBe(400);
  });
});

describe("faults and calls", () => {
  const local = (method: string, path: string, body?: object) =>
    fetch(`${system.endpoints.apiUrl}/local/${path}`, { method, ...(body && { body: JSON.stringify(body) }) });

  async function calls(query = ""): Promise<AwsCall[]> {
    const answer = (await (await local("GET", `calls${query}`)).json()) as { calls: AwsCall[] };
    return answer.calls;
  }

  it("lists the AWS calls of a request with the function that made them", async () => {
    await get("/api/v1/projects", signedIn());
    await local("DELETE", "calls");
    await get("/api/v1/projects", signedIn());
    expect(await calls("?service=dynamodb")).toMatchObject([
      { operation: "Query", status: 200, function: "projectService" },
    ]);
  });

  it("lets the next call of a function fail", async () => {
    const fault = {
      service: "dynamodb",
      operation: "Query",
      function: "projectService",
      error: "AccessDeniedException",
    };
    expect((await local("POST", "faults", fault)).status).toBe(201);
    expect((await get("/api/v1/projects", signedIn())).status).toBeGreaterThanOrEqual(500);
    expect((await get("/api/v1/projects", signedIn())).status).toBe(200);
  });

  it("refuses a fault that it does not understand, and says why", async () => {
    const answer = await local("POST", "faults", { service: "post-office", error: "X" });
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: expect.stringContaining("service") }]);
  });

  it("takes faults back", async () => {
    await local("POST", "faults", { service: "dynamodb", error: "AccessDeniedException" });
    expect((await local("DELETE", "faults")).status).toBe(204);
    expect((await get("/api/v1/projects", signedIn())).status).toBe(200);
  });

  it("shows a sign-in in the calls, without its secrets, and lets it fail", async () => {
    const { endpoints } = system;
    const { username = "", password = "" } = endpoints.users[0] ?? {};
    await local("DELETE", "calls");
    await local("POST", "faults", { service: "cognito", operation: "OAuth2Token", dropAnswer: true });
    const visitor = new WebVisitor();
    const { url, answer } = await visitor.open(`${endpoints.apiUrl}/enceladus/`);
    const back = await visitor.signIn(url, await answer.text(), { username, password });
    const callback = await visitor.send(back.headers.get("location") ?? "");
    expect([callback.status, callback.headers.get("cache-control")]).toEqual([503, "no-store"]);
    expect(visitor.cookie("enceladus_id_token")).toBeUndefined();
    expect(await calls("?service=cognito&operation=OAuth2Token")).toMatchObject([
      { status: 0, request: { grant_type: "authorization_code", code: "(secret)", code_verifier: "(secret)" } },
    ]);
    const [, typed] = await calls("?service=cognito&operation=OAuth2Authorize");
    expect(typed?.request).toEqual({ username, password: "(secret)" });
  });
});

describe("the API reference", () => {
  it("is served with everything it needs from here", async () => {
    const page = await (await get("/local/reference")).text();
    expect(page).not.toMatch(/https?:\/\//);
    for (const [, file] of page.matchAll(/(?:src|href)="(reference\/[^"]+)"/g)) {
      expect((await get(`/local/${file}`)).status).toBe(200);
    }
    expect(await (await get("/local/openapi.json")).json()).toMatchObject({
      servers: [{ url: system.endpoints.apiUrl }],
    });
  });

  it("serves nothing else", async () => {
    expect((await get("/local/reference/../../package.json")).status).not.toBe(200);
    expect((await get("/local/reference/package.json")).status).toBe(404);
  });
});

describe("a second start beside the first", () => {
  it("on the same data says who uses them, and leaves the first alone", async () => {
    const second = runStart(["--port", String(await freePortPair()), "--data", system.dataDir]);
    expect(await second.exit).toBe(1);
    expect(second.errors()).toMatch(/^The data folder .* is in use by process \d+\. .*--data\.\n$/);
    expect((await get("/api/v1/projects", signedIn())).status).toBe(200);
    expect(existsSync(join(system.dataDir, "endpoints.json"))).toBe(true);
  });

  it.each([0, 2])("on a taken port (its own + %i) says so and leaves nothing behind", async (offset) => {
    const port = await freePortPair();
    const occupant = createServer().listen(port + offset, "127.0.0.1");
    const dataDir = join(folder.path, `taken-${offset}`);
    const second = runStart(["--port", String(port), "--data", dataDir]);
    expect(await second.exit).toBe(1);
    expect(second.errors()).toBe(
      `Port ${port + offset} is taken. Stop what listens there, or choose another one with --port.\n`,
    );
    expect(existsSync(dataDir)).toBe(false);
    occupant.close();
  });
});

describe("Ctrl-C", () => {
  it("stops everything and leaves nothing behind", async () => {
    const { endpoints, dataDir } = system;
    const pid = Number(readFileSync(join(dataDir, "lock"), "utf8"));
    expect(await system.stop()).toBe(0);
    const urls = [
      endpoints.apiUrl,
      endpoints.lambdaUrl,
      endpoints.aws.dynamodb,
      endpoints.aws.s3,
      endpoints.aws.cognito,
    ];
    expect(await Promise.all(urls.map((url) => isListening(portOf(url))))).toEqual(urls.map(() => false));
    expect(existsSync(join(dataDir, "lock"))).toBe(false);
    expect(existsSync(join(dataDir, "endpoints.json"))).toBe(false);
    expect(readdirSync(resolve(import.meta.dirname, "../../../.esbuild"))).not.toContain(String(pid));
  });
});
