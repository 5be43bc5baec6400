import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { unzipSync } from "fflate";
import { withVersion } from "../../../scripts/attach-layer/attach.ts";
import { type AttachReport, attachToAll, type FunctionResult } from "../../../scripts/attach-layer/attach-all.ts";
import { declaredLayer, layeredFunctions } from "../../../scripts/attach-layer/declared-layer.ts";
import { zipLayer } from "../../../scripts/attach-layer/zip-layer.ts";
import type { ResolvedConfig } from "../../../scripts/service/resolved-config.ts";
import { runScript } from "../../support/command.ts";
import { LambdaDouble } from "../../support/lambda-double.ts";

const LAYER = {
  name: "enceladus-shared",
  digest: "0".repeat(64),
  zip: Buffer.from("zip"),
  runtimes: ["nodejs24.x"],
  architectures: ["arm64"],
};
const ROUTE = [{ httpApi: "GET /things" }];
const NAMES = ["a", "b", "c", "d"];

let lambda: LambdaDouble;
let client: LambdaClient;
let told: FunctionResult[];

beforeEach(async () => {
  lambda = await LambdaDouble.start();
  const credentials = { accessKeyId: "none", secretAccessKey: "none" };
  client = new LambdaClient({ endpoint: lambda.url, region: "us-east-1", credentials, maxAttempts: 3 });
  told = [];
  for (const name of NAMES) lambda.add(name, { layers: [lambda.layerArn("other", 7), lambda.layerArn(LAYER.name, 0)] });
});
afterEach(() => {
  client.destroy();
  lambda.stop();
});

function attachAll({ dryRun = false, layer = LAYER } = {}): Promise<AttachReport> {
  const functions = NAMES.map((name) => ({ name, events: ROUTE }));
  return attachToAll(client, layer, functions, { dryRun, onResult: (result) => void told.push(result) });
}

const statuses = ({ functions }: AttachReport) => functions.map(({ status }) => status);
const updates = () => lambda.calls.filter((call) => call.startsWith("PUT"));

describe("a layer for all functions", () => {
  it("is published, attached to one after the other in the place of what was there, and each is asked", async () => {
    const report = await attachAll();
    const version = lambda.layerArn(LAYER.name, 1);
    expect(report).toStrictEqual({
      ok: true,
      dry_run: false,
      layer: { name: LAYER.name, digest: LAYER.digest, version, published: true },
      functions: NAMES.map((name) => {
        return { function_name: name, status: "attached", previous: lambda.layerArn(LAYER.name, 0) };
      }),
    });
    expect(told).toStrictEqual(report.functions);
    for (const { layers } of lambda.functions.values())
      expect(layers).toStrictEqual([lambda.layerArn("other", 7), version]);
    expect(lambda.calls.filter((call) => call.endsWith("invocations"))).toHaveLength(NAMES.length);
  });

  it("is not published again with the same content, nor attached where it is", async () => {
    await attachAll();
    const again = await attachAll();
    expect([again.layer.published, statuses(again), updates().length]).toStrictEqual([
      false,
      Array(4).fill("already"),
      4,
    ]);
    const another = await attachAll({ layer: { ...LAYER, digest: "1".repeat(64) } });
    expect([another.layer.version, statuses(another)]).toStrictEqual([
      lambda.layerArn(LAYER.name, 2),
      Array(4).fill("attached"),
    ]);
  });

  it("is published anew for another machine", async () => {
    await attachAll();
    expect((await attachAll({ layer: { ...LAYER, architectures: ["x86_64"] } })).layer.published).toBe(true);
  });

  it("is only talked about in a dry run", async () => {
    const report = await attachAll({ dryRun: true });
    expect([report.ok, report.layer.version, statuses(report)]).toStrictEqual([
      true,
      null,
      Array(4).fill("would_attach"),
    ]);
    expect(lambda.calls.every((call) => call.startsWith("GET"))).toBe(true);
    await attachAll();
    lambda.calls.length = 0;
    expect(statuses(await attachAll({ dryRun: true }))).toStrictEqual(Array(4).fill("already"));
    expect(lambda.calls.every((call) => call.startsWith("GET"))).toBe(true);
  });
});

describe("at the first function that fails, all stops and the report says where", () => {
  const STOPPED = ["attached", "attached", "failed", "not_reached"];

  async function stopped(detail: string): Promise<void> {
    const report = await attachAll();
    expect([report.ok, statuses(report)]).toStrictEqual([false, STOPPED]);
    expect(report.functions[2]).toMatchObject({ function_name: "c", detail: expect.stringContaining(detail) });
    expect(lambda.functions.get("d")?.layers).toContain(lambda.layerArn(LAYER.name, 0));
  }

  it("because Lambda refuses", async () => {
    lambda.failures.push({ call: "PUT /functions/c/", failure: { status: 403, type: "AccessDeniedException" } });
    await stopped("AccessDeniedException");
  });

  it("because it is not there", async () => {
    lambda.functions.delete("c");
    await stopped("ResourceNotFoundException");
  });

  it("because another layer is attached in the end", async () => {
    lambda.stored = (name, layers) => (name === "c" ? [lambda.layerArn("wrong", 1)] : layers);
    await stopped("it has the layers arn:aws:lambda:us-east-1:123456789012:layer:wrong:1");
  });

  it("because its change fails", async () => {
    lambda.beforeUpdate = (name) => {
      if (name === "c") lambda.add("c", { lastUpdate: "Failed" });
    };
    await stopped("c");
  });

  it("because it does not come up", async () => {
    lambda.add("c", { state: "Failed", layers: [lambda.layerArn(LAYER.name, 0)] });
    await stopped("it is Failed");
  });

  it("because it fails when it is asked", async () => {
    lambda.add("c", { functionError: "Unhandled", answer: { errorMessage: "Cannot find module" } });
    await stopped("Cannot find module");
  });

  it("because it answers as it should not", async () => {
    lambda.add("c", { answer: { statusCode: 401 } });
    await stopped("it answers wrongly");
  });

  it("with what it had before", async () => {
    lambda.functions.get("c")?.layers.splice(0, 1);
    lambda.stored = (name, layers) => (name === "c" ? [] : layers);
    const { functions } = await attachAll();
    expect(functions[2]?.previous).toBe(lambda.layerArn(LAYER.name, 0));
  });

  it("and another run goes on from there", async () => {
    lambda.failures.push({ call: "PUT /functions/c/", failure: { status: 403, type: "AccessDeniedException" } });
    await attachAll();
    expect(statuses(await attachAll())).toStrictEqual(["already", "already", "attached", "attached"]);
  });
});

describe("a function that is busy", () => {
  it("is asked again when Lambda slows down", async () => {
    lambda.failures.push({ call: "PUT /functions/b/", failure: { status: 429, type: "TooManyRequestsException" } });
    expect((await attachAll()).ok).toBe(true);
  });

  it("is looked at anew when somebody else has changed it, and keeps what they have done", async () => {
    let changes = 0;
    lambda.beforeUpdate = (name) => {
      const found = lambda.functions.get(name);
      if (name !== "b" || !found || changes > 0) return;
      changes += 1;
      found.revision += 1;
      found.layers = [...found.layers, lambda.layerArn("new", 1)];
    };
    expect((await attachAll()).ok).toBe(true);
    expect(lambda.functions.get("b")?.layers).toStrictEqual([
      lambda.layerArn("other", 7),
      lambda.layerArn(LAYER.name, 1),
      lambda.layerArn("new", 1),
    ]);
  });

  it("is waited for while an update is under way", async () => {
    lambda.failures.push({ call: "PUT /functions/b/", failure: { status: 409, type: "ResourceConflictException" } });
    expect(statuses(await attachAll())).toStrictEqual(Array(4).fill("attached"));
  });

  it("is given up when somebody goes on and on", async () => {
    lambda.beforeUpdate = (name) => {
      const found = lambda.functions.get(name);
      if (found) found.revision += 1;
    };
    const report = await attachAll();
    expect(report.functions[0]).toMatchObject({ status: "failed", detail: expect.stringContaining("goes on") });
  });
});

describe("the layers of a function", () => {
  const version = "arn:aws:lambda:us-east-1:1:layer:shared:12";

  it("keep their order, and get a new one at the end", () => {
    const other = "arn:aws:lambda:us-east-1:1:layer:shared-more:3";
    expect(withVersion(["arn:aws:lambda:us-east-1:1:layer:shared:9", other], version)).toStrictEqual([version, other]);
    expect(withVersion([other], version)).toStrictEqual([other, version]);
  });
});

describe("the configuration", () => {
  const config = {
    provider: { layers: [{ Ref: "SharedLambdaLayer" }] },
    layers: { shared: { name: "shared-dev", compatibleRuntimes: ["nodejs24.x"], compatibleArchitectures: ["arm64"] } },
    functions: {
      b: { name: "b-dev", events: ROUTE },
      a: { name: "a-dev", layers: [{ Ref: "SharedLambdaLayer" }, "arn:other:1"] },
      edge: { name: "edge-dev", layers: [] },
    },
  } satisfies ResolvedConfig;

  it("says which functions list the layer, and what it is", () => {
    expect(layeredFunctions(config)).toStrictEqual([
      { name: "a-dev", events: [] },
      { name: "b-dev", events: ROUTE },
    ]);
    expect(declaredLayer(config)).toStrictEqual({
      name: "shared-dev",
      runtimes: ["nodejs24.x"],
      architectures: ["arm64"],
    });
    expect(() => declaredLayer({ ...config, layers: {} })).toThrow("has no name");
  });

  it("is followed by the command, which ends with 1 where it was stopped", async () => {
    const directory = mkdtempSync(join(tmpdir(), "enceladus-attach-"));
    const resolved = join(directory, "resolved.json");
    writeFileSync(resolved, JSON.stringify(config));
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_LAMBDA: lambda.url,
      AWS_ACCESS_KEY_ID: "none",
      AWS_SECRET_ACCESS_KEY: "none",
    });
    lambda.add("a-dev");
    const run = (...args: string[]) => runScript("attach-layer", ["--stage", "dev", "--resolved", resolved, ...args]);
    const stopped = await run();
    expect(stopped.code).toBe(1);
    expect(stopped.output).toContain("1/2 a-dev: attached");
    expect(stopped.errors).toMatch(/Stopped at b-dev\.\nChanged before: a-dev\nNot touched: none/);
    lambda.add("b-dev");
    const done = await run("--json");
    expect([done.code, JSON.parse(done.output)]).toMatchObject([
      0,
      { ok: true, layer: { published: false }, functions: [{ status: "already" }, { status: "attached" }] },
    ]);
    rmSync(directory, { recursive: true, force: true });
  });
});

describe("the zip file of a layer", () => {
  it("has the same bytes for the same content, whenever and in whatever order it was written", () => {
    const folders = ["b", "a"].map((first) => {
      const directory = mkdtempSync(join(tmpdir(), "enceladus-zip-"));
      const names = [first, first === "a" ? "b" : "a"];
      for (const name of names) {
        mkdirSync(join(directory, "nodejs", name), { recursive: true });
        writeFileSync(join(directory, "nodejs", name, "index.js"), name);
        utimesSync(join(directory, "nodejs", name, "index.js"), first === "a" ? 1 : 2, 3);
      }
      return directory;
    });
    const [one, other] = folders.map(zipLayer);
    expect(Buffer.from(one ?? []).equals(Buffer.from(other ?? []))).toBe(true);
    expect(Object.keys(unzipSync(one ?? new Uint8Array()))).toStrictEqual(["nodejs/a/index.js", "nodejs/b/index.js"]);
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
});
