import { request } from "node:http";
import { buffer } from "node:stream/consumers";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { CloudFrontRequestEvent, CloudFrontRequestResult } from "aws-lambda";
import { createCdn } from "../../../scripts/local/cdn/index.ts";
import { createObjectOrigin, type ObjectOrigin } from "../../../scripts/local/cdn/objects.ts";
import type { ServiceConfiguration } from "../../../scripts/local/configuration.ts";
import { closeServer, createKeepAliveServer, LOOPBACK, listen } from "../../../scripts/local/ports.ts";
import { createReferences } from "../../../scripts/local/resolve-references.ts";
import { directS3, realName, services } from "../../support/services.ts";

const assets = realName("buckets", "assets");
const BODY = "<!doctype html><title>App</title>";

const behavior = {
  AllowedMethods: ["GET", "HEAD", "OPTIONS"],
  ResponseHeadersPolicyId: { Ref: "Headers" },
};
const configuration: ServiceConfiguration = {
  service: "house",
  provider: { stage: "dev", region: "us-east-1" },
  functions: {
    guard: {
      name: "guard-dev",
      events: [{ cloudFront: { eventType: "viewer-request", pathPattern: "/cdn-test*", behavior } }],
    },
  },
  resources: {
    Resources: {
      Headers: {
        Type: "AWS::CloudFront::ResponseHeadersPolicy",
        Properties: {
          ResponseHeadersPolicyConfig: {
            SecurityHeadersConfig: { FrameOptions: { FrameOption: "DENY", Override: true } },
          },
        },
      },
    },
  },
};

type Edge = (event: CloudFrontRequestEvent) => CloudFrontRequestResult | "fails" | "breaks";
const letThrough: Edge = ({ Records: [record] }) => record?.cf.request ?? null;

/** What the function at the edge does, in each test. */
let edge: Edge;
let events: CloudFrontRequestEvent[];
let log: string[];
let objects: ObjectOrigin;
let port: number;
let stop: () => Promise<void>;

beforeAll(async () => {
  objects = createObjectOrigin(services.direct.s3, assets);
  const metadata = { ContentType: "text/html; charset=utf-8", CacheControl: "max-age=60" };
  for (const Key of ["cdn-test/index.html", "cdn-test/a b+c/é.html"]) {
    await directS3.send(
      new PutObjectCommand({ Bucket: assets, Key, Body: BODY, Metadata: { mine: "1" }, ...metadata }),
    );
  }
  const server = createKeepAliveServer(
    (incoming, outgoing) => {
      handle(incoming, outgoing).catch(() => outgoing.destroy());
    },
    { maxHeaderSize: 64 * 1024 },
  );
  port = await listen(server, 0);
  const appOrigin = `http://${LOOPBACK}:${port}`;
  const invoke = async (_: string, event: string | Buffer) => {
    events.push(JSON.parse(String(event)));
    const result = edge(JSON.parse(String(event)));
    if (result === "breaks") throw new Error("no such function");
    return { failed: result === "fails", payload: JSON.stringify(result) };
  };
  const handle = createCdn({
    configuration,
    references: createReferences(configuration, { sqsOrigin: "", apiOrigin: appOrigin }),
    invoker: { invoke },
    objects,
    appOrigin,
    log: (message) => log.push(message),
  })(async (_incoming, outgoing) => void outgoing.writeHead(200).end("the API"));
  stop = () => closeServer(server);
});

beforeEach(() => {
  edge = letThrough;
  events = [];
  log = [];
});

afterAll(async () => {
  await stop();
  await objects.stop();
});

/** Not fetch, which tidies addresses up before it sends them. */
async function ask(path: string, headers: Record<string, string> = {}, method = "GET") {
  const { promise, resolve, reject } = Promise.withResolvers<{
    status: number;
    headers: Record<string, unknown>;
    text: string;
  }>();
  const outgoing = request({ host: LOOPBACK, port, path, method, headers }, async (incoming) => {
    const text = (await buffer(incoming)).toString();
    resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text });
  });
  outgoing.on("error", reject).end();
  return promise;
}

describe("an object", () => {
  it("is served with its own headers and those of the policy, but not with its maker's metadata", async () => {
    const { status, headers, text } = await ask("/cdn-test/index.html");
    expect([status, text]).toEqual([200, BODY]);
    expect(headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "content-length": String(BODY.length),
      "cache-control": "max-age=60",
      etag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
      "last-modified": expect.stringMatching(/GMT$/),
      "x-frame-options": "DENY",
      "x-cache": "Miss from cloudfront",
    });
    expect(headers).not.toHaveProperty("x-amz-meta-mine");
  });

  it("is that of the path which the function chose", async () => {
    edge = (event) => ({ ...event.Records[0]?.cf.request, uri: "/cdn-test/index.html" }) as CloudFrontRequestResult;
    expect((await ask("/cdn-test/projects/alpha?x=1")).text).toBe(BODY);
  });

  it("is found by its percent-decoded key", async () => {
    expect((await ask("/cdn-test/a%20b+c/%C3%A9.html")).status).toBe(200);
  });

  it("is not sent again to who has it", async () => {
    const { headers } = await ask("/cdn-test/index.html");
    const again = await ask("/cdn-test/index.html", { "If-None-Match": String(headers.etag) });
    expect([again.status, again.text, again.headers.etag]).toEqual([304, "", headers.etag]);
    expect(again.headers).toMatchObject({ "cache-control": "max-age=60", "x-frame-options": "DENY" });
    expect((await ask("/cdn-test/index.html", { "If-None-Match": '"other"' })).status).toBe(200);
  });

  it("is sent in parts to who asks for a part", async () => {
    const part = await ask("/cdn-test/index.html", { Range: "bytes=0-3" });
    expect([part.status, part.text, part.headers["content-range"]]).toEqual([206, "<!do", `bytes 0-3/${BODY.length}`]);
    expect((await ask("/cdn-test/index.html", { Range: "bytes=900-" })).status).toBe(416);
  });

  it("is described without its body to HEAD", async () => {
    const { status, headers, text } = await ask("/cdn-test/index.html", {}, "HEAD");
    expect([status, headers["content-length"], text]).toEqual([200, String(BODY.length), ""]);
  });

  it.each([
    ["is missing", "/cdn-test/missing"],
    ["cannot be named", "/cdn-test/%zz"],
    ["lies outside by its dots", "/cdn-test/x/%2e%2e/../cdn-test/index.html"],
  ])("that %s is a 404 that nobody keeps", async (_, path) => {
    const { status, headers } = await ask(path);
    expect([status, headers["cache-control"], headers["x-frame-options"]]).toEqual([404, "no-store", "DENY"]);
  });
});

describe("the function at the edge", () => {
  it("is asked about each request of its paths, whichever way they are spelt, and about no others", async () => {
    await ask("/cdn-test/index.html?q=1", { Cookie: "a=b" });
    await ask("/%63dn-test/index.html");
    expect((await ask("/api/v1/projects")).text).toBe("the API");
    expect((await ask("/cdn-test/../api/v1/projects")).text).toBe("the API");
    expect(events).toMatchObject([
      {
        Records: [
          {
            cf: {
              config: { distributionDomainName: `${LOOPBACK}:${port}`, eventType: "viewer-request" },
              request: {
                uri: "/cdn-test/index.html",
                querystring: "q=1",
                headers: { cookie: [{ key: "Cookie", value: "a=b" }] },
              },
            },
          },
        ],
      },
      { Records: [{ cf: { request: { uri: "/%63dn-test/index.html" } } }] },
    ]);
    expect(new Set(events.map((event) => event.Records[0]?.cf.config.requestId)).size).toBe(2);
  });

  it("may answer itself, with cookies in lines of their own", async () => {
    const headers = { location: [{ value: "/x" }], "set-cookie": [{ value: "a=b" }, { value: "c=d" }] };
    edge = () => ({ status: "302", statusDescription: "Found", headers });
    expect(await ask("/cdn-test/")).toMatchObject({
      status: 302,
      headers: {
        location: "/x",
        "set-cookie": ["a=b", "c=d"],
        "x-frame-options": "DENY",
        "x-cache": "LambdaGeneratedResponse from cloudfront",
      },
    });
  });

  it.each<[string, Edge, number]>([
    ["that fails", () => "fails", 503],
    ["that cannot be run", () => "breaks", 503],
    ["that returns nothing", () => null, 502],
    ["whose headers are not taken", () => ({ status: "200", headers: { "x-cache": [{ value: "Hit" }] } }), 502],
    ["whose body is too large", () => ({ status: "200", body: "x".repeat(50_000) }), 502],
  ])("%s leads to an error that nobody keeps", async (_, behaving, expected) => {
    edge = behaving;
    const { status, headers } = await ask("/cdn-test/");
    expect([status, headers["cache-control"]]).toEqual([expected, "no-store"]);
  });

  it("is told about in the log when its answer is not taken", async () => {
    edge = () => ({ status: "200", headers: { "x-cache": [{ value: "Hit" }] } });
    await ask("/cdn-test/");
    expect(log).toEqual([expect.stringMatching(/guard-dev.*x-cache/)]);
  });
});

describe("the distribution itself", () => {
  it.each(["POST", "PUT", "DELETE", "PATCH"])("refuses %s before the function sees it", async (method) => {
    expect((await ask("/cdn-test/index.html", {}, method)).status).toBe(403);
    expect(events).toEqual([]);
  });

  it("hands OPTIONS to the function, and the bucket refuses it", async () => {
    expect((await ask("/cdn-test/index.html", {}, "OPTIONS")).status).toBe(403);
    expect(events.length).toBe(1);
  });

  it.each([
    ["headers", "/cdn-test/", { Cookie: "x".repeat(21_000) }],
    ["an address", `/cdn-test/${"a".repeat(8_200)}`, {}],
  ])("refuses %s without end before the function sees it", async (_, path, headers) => {
    expect((await ask(path, headers)).status).toBe(413);
    expect(events).toEqual([]);
  });

  it("sends who comes by another name of this machine to the one where the cookies are good", async () => {
    const { status, headers } = await ask("/cdn-test/a?b", { Host: `localhost:${port}` });
    expect([status, headers.location]).toEqual([307, `http://${LOOPBACK}:${port}/cdn-test/a?b`]);
    expect(events).toEqual([]);
  });

  it("leads browsers from its root to the app, and leaves programs to the API", async () => {
    const { status, headers } = await ask("/", { Accept: "text/html,*/*;q=0.8" });
    expect([status, headers.location]).toEqual([302, "/enceladus/"]);
    expect((await ask("/")).headers.location).toBeUndefined();
  });
});
