import { execFile } from "node:child_process";
import { once } from "node:events";
import { globSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { build } from "esbuild";
import { buildLayer, layerFiles } from "../../../scripts/build-layer.ts";
import { fromLayer } from "../../../scripts/bundle/from-layer.ts";
import { contentDigest } from "../../../scripts/layer/layer-file.ts";
import { TokenIssuer } from "../../support/token-issuer.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const directory = mkdtempSync(join(tmpdir(), "enceladus-layer-"));
const layer = await buildLayer();
const nodePath = join(layer.directory, "nodejs/node_modules");

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What a piece of code prints as JSON, in a process that finds nothing but the layer. */
async function runOutside(code: string, environment: Record<string, string> = {}): Promise<unknown> {
  const file = join(directory, `${Math.random().toString(36).slice(2)}.cjs`);
  writeFileSync(file, code);
  const env = { NODE_PATH: nodePath, AWS_REGION: "us-east-1", ...environment };
  const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: directory, env });
  return JSON.parse(stdout);
}

/** The same for a source of a function, bundled as functions are. */
async function runBundled(source: string, environment?: Record<string, string>): Promise<unknown> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: ROOT, sourcefile: join(ROOT, "functions/any.ts"), loader: "ts" },
    bundle: true,
    write: false,
    minify: true,
    platform: "node",
    format: "cjs",
    supported: { "dynamic-import": false },
    plugins: [fromLayer],
  });
  return runOutside(outputFiles[0]?.text ?? "", environment);
}

describe("the layer", () => {
  it("is not built again when nothing has changed, and else byte for byte, whenever it is", async () => {
    expect(await buildLayer()).toStrictEqual(layer);
    const afresh = await layerFiles();
    expect(contentDigest(afresh)).toBe(layer.digest);
    const built = globSync("**/*.{js,json}", { cwd: nodePath }).sort();
    expect(built).toStrictEqual(afresh.map(({ path }) => path).sort());
    for (const file of built)
      expect(statSync(join(nodePath, file)).mtime.toISOString()).toBe("1980-01-01T00:00:00.000Z");
  });

  it("hands each shared module out under its own name, once", async () => {
    const code = `
      const { DomainError, notFound } = require("@enceladus/shared/errors");
      const { shapeError } = require("@enceladus/middleware/shape-errors");
      console.log(JSON.stringify([notFound("x") instanceof DomainError, shapeError(notFound("x")).status]));`;
    expect(await runOutside(code)).toStrictEqual([true, 404]);
  });

  it("has the default exports and the names of small dependencies", async () => {
    const source = `
      import pRetry from "p-retry";
      import pLimit from "p-limit";
      import canonicalize from "canonicalize";
      const run = async () => [await pRetry(() => 5), await pLimit(1)(() => 6), canonicalize({ b: 1, a: 2 })];
      run().then((all) => console.log(JSON.stringify(all)));`;
    expect(await runBundled(source)).toStrictEqual([5, 6, '{"a":2,"b":1}']);
  });

  it("has dynamic imports that look into it", async () => {
    const source = `
      const run = async () => { const { S3Client } = await import("@aws-sdk/client-s3"); return typeof S3Client; };
      run().then((type) => console.log(JSON.stringify(type)));`;
    expect(await runBundled(source)).toBe("function");
  });

  it("reads the Markdown parser for the first document that needs it, though it is imported at the top", async () => {
    const source = `
      import { assessCompliance } from "./domain/documents/index.ts";
      const isRead = () => Object.keys(require.cache).some((file) => file.includes("@lezer"));
      const steps = ["# a", "<p>"].map((content) => [assessCompliance(content).score, isRead()]);
      console.log(JSON.stringify(steps));`;
    expect(await runBundled(source)).toStrictEqual([
      [50, false],
      [50, true],
    ]);
  });

  it("shares the clients between a function and the shared code", async () => {
    const source = `
      import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
      import { S3Client } from "@aws-sdk/client-s3";
      import { dynamodb } from "@enceladus/shared/dynamodb";
      import { s3 } from "@enceladus/shared/s3";
      console.log(JSON.stringify([dynamodb() instanceof Object, s3() instanceof S3Client, typeof DynamoDBClient]));`;
    expect(await runBundled(source)).toStrictEqual([true, true, "function"]);
  });
});

describe("the AWS client of the layer", () => {
  const server = createServer((request, response) => {
    const target = String(request.headers["x-amz-target"]).split(".").at(-1);
    const type = target === "TransactWriteItems" ? "TransactionCanceledException" : "ConditionalCheckFailedException";
    const answer = {
      __type: `com.amazonaws.dynamodb.v20120810#${type}`,
      message: "no",
      Item: { id: { S: "a" } },
      CancellationReasons: [{ Code: "None" }, { Code: "ConditionalCheckFailed", Item: { id: { S: "b" } } }],
    };
    request.resume().once("end", () => {
      response.writeHead(400, { "Content-Type": "application/x-amz-json-1.0" }).end(JSON.stringify(answer));
    });
  });
  let environment: Record<string, string>;

  beforeAll(async () => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    environment = {
      AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: "none",
      AWS_SECRET_ACCESS_KEY: "none",
    };
  });
  afterAll(() => void server.close());

  it("knows the exceptions that stores tell apart, with what they carry", async () => {
    const source = `
      import { PutCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
      import { awsErrorName, cancellationReasons } from "@enceladus/shared/aws-errors";
      import { dynamodb } from "@enceladus/shared/dynamodb";
      const put = { TableName: "t", Item: { id: "a" } };
      const failure = (command) => dynamodb().send(command).catch((error) => error);
      const run = async () => {
        const failed = await failure(new PutCommand(put));
        const cancelled = await failure(new TransactWriteCommand({ TransactItems: [{ Put: put }, { Put: put }] }));
        return [awsErrorName(failed), failed.Item, cancellationReasons(cancelled)];
      };
      run().then((all) => console.log(JSON.stringify(all)));`;
    expect(await runBundled(source, environment)).toStrictEqual([
      "ConditionalCheckFailedException",
      { id: { S: "a" } },
      [{ Code: "None" }, { Code: "ConditionalCheckFailed", Item: { id: { S: "b" } } }],
    ]);
  });
});

describe("a deployed function", () => {
  const SOURCE = `
    import { verifyIdToken } from "@enceladus/shared/id-token";
    import { tokenPolicy } from "@enceladus/shared/token-policy";
    import { JsonWebKeys } from "@enceladus/shared/json-web-keys";
    const { TOKEN, JWK, ISSUER, CLIENT } = process.env;
    const fetch = async () => Response.json({ keys: [JSON.parse(JWK)] });
    const keys = new JsonWebKeys({ url: "x", timeoutMs: 1000, now: Date.now, fetch });
    const refusal = () => { try { tokenPolicy(); return "accepted"; } catch (error) { return error.code; } };
    verifyIdToken(TOKEN, { issuer: ISSUER, clientId: CLIENT, keys, now: Date.now })
      .then(({ email }) => console.log(JSON.stringify([email, refusal()])));`;

  it("verifies a token by the layer's own library, and no setting makes it accept an issuer on loopback", async () => {
    const issuer = await TokenIssuer.start();
    const environment = {
      ...issuer.environment(),
      TOKEN: issuer.token(),
      JWK: JSON.stringify(issuer.publicJwk()),
      ISSUER: issuer.issuer,
      CLIENT: issuer.clientId,
    };
    issuer.stop();
    expect(environment).toMatchObject({ ENCELADUS_LOCAL: "true" });
    expect(await runBundled(SOURCE, environment)).toStrictEqual(["ada@example.com", "CONFIGURATION_ERROR"]);
  });
});

describe("the digest of a layer", () => {
  const files = [
    { path: "a", text: "1" },
    { path: "b", text: "2" },
  ];

  it("is that of paths and contents, in whatever order they come", () => {
    expect(contentDigest([...files].reverse())).toBe(contentDigest(files));
    expect(contentDigest([{ path: "a", text: "1" }])).not.toBe(contentDigest(files));
    expect(contentDigest([files[0] ?? { path: "", text: "" }, { path: "b", text: "3" }])).not.toBe(
      contentDigest(files),
    );
  });
});
