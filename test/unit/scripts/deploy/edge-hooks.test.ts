import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { strToU8, zipSync } from "fflate";
import { type BakedConfiguration, configurationText } from "../../../../scripts/deploy/edge-configuration.ts";
import { type CommandOptions, type EdgeService, edgeHooks, edgeText } from "../../../../scripts/deploy/edge-hooks.ts";
import { CONFIGURATION } from "../../../support/edge-configuration.ts";
import { StackDouble } from "../../../support/stack-double.ts";

class FrameworkError extends Error {}

const EDGE = { authEdge: { events: [{ cloudFront: {} }] } };
const API = { tracker: { events: [{ httpApi: "GET /a" }] } };

function serviceWith(functions: EdgeService["service"]["functions"], custom = {}): EdgeService {
  return {
    getProvider: () => ({
      naming: { getStackName: () => "enceladus-prod" },
      getRegion: () => "eu-central-1",
      getAwsSdkV3Config: async () => {
        return { region: "us-east-1", credentials: { accessKeyId: "none", secretAccessKey: "none" } };
      },
    }),
    classes: { Error: FrameworkError },
    service: {
      custom,
      functions,
      provider: { environment: { STAGE: "prod", CORS_ORIGIN: "https://app.example.com" } },
    },
  };
}

const said: string[] = [];
const hook = (service: EdgeService, name: string, options: CommandOptions = {}) =>
  edgeHooks(service, options)[name]?.();

let account: StackDouble;

beforeEach(async () => {
  jest.spyOn(process.stderr, "write").mockImplementation((line) => said.push(String(line)) > 0);
  account = await StackDouble.start();
  account.refuseStack("ValidationError", "Stack with id enceladus-prod does not exist");
  process.env.AWS_ENDPOINT_URL = account.url;
});
afterEach(() => {
  jest.restoreAllMocks();
  said.length = 0;
  account.stop();
  delete process.env.AWS_ENDPOINT_URL;
  delete process.env.ENCELADUS_EDGE;
});

describe("before anything is packaged", () => {
  it("the edge and the API get one web origin", async () => {
    process.env.ENCELADUS_EDGE = configurationText(CONFIGURATION);
    const service = serviceWith({ ...EDGE, ...API });
    await hook(service, "before:package:initialize");
    expect(await edgeText(service)).toBe(configurationText(CONFIGURATION));
    expect(service.service.provider.environment).toStrictEqual({ STAGE: "prod", CORS_ORIGIN: CONFIGURATION.appOrigin });
    expect(said).toStrictEqual([expect.stringContaining("configured by ENCELADUS_EDGE")]);
  });

  it("both get that of the deployed stack, which is asked once", async () => {
    account.deploy(CONFIGURATION);
    const service = serviceWith({ ...EDGE, ...API });
    await hook(service, "before:package:initialize");
    account.refuseStack("AccessDenied", "not authorized");
    expect(await edgeText(service)).toBe(configurationText(CONFIGURATION));
    expect(service.service.provider.environment).toMatchObject({ CORS_ORIGIN: CONFIGURATION.appOrigin });
  });

  it("both stay as declared where nothing is deployed yet, and it says so", async () => {
    const service = serviceWith({ ...EDGE, ...API });
    await hook(service, "before:package:initialize");
    expect(await edgeText(service)).toBe(configurationText(undefined));
    expect(service.service.provider.environment).toMatchObject({ CORS_ORIGIN: "https://app.example.com" });
    expect(said).toStrictEqual([expect.stringContaining("enceladus-prod is not deployed")]);
  });

  it("a region without an edge is told, and no stack is asked", async () => {
    process.env.AWS_ENDPOINT_URL = "http://127.0.0.1:9";
    const service = serviceWith(API);
    await hook(service, "before:package:initialize");
    expect(said).toStrictEqual([
      expect.stringMatching(/eu-central-1 has no edge.*https:\/\/app\.example\.com.*appDomain/),
    ]);
    expect(service.service.provider.environment).toMatchObject({ CORS_ORIGIN: "https://app.example.com" });
  });

  it("an account out of reach ends the command", async () => {
    process.env.AWS_ENDPOINT_URL = "http://127.0.0.1:9";
    await expect(hook(serviceWith(EDGE), "before:package:initialize")).rejects.toThrow("ECONNREFUSED");
  });

  it("what a person can put right is one sentence of the framework", async () => {
    const service = serviceWith(EDGE, { webDomain: "app.example.com" });
    const failure = hook(service, "before:package:initialize");
    await expect(failure).rejects.toBeInstanceOf(FrameworkError);
    await expect(failure).rejects.toThrow("appDomain app.example.com needs its certificate");
  });
});

describe("sls deploy function", () => {
  it("is refused for the edge, whose version the distribution names", async () => {
    const options = { function: "authEdge" };
    await expect(hook(serviceWith(EDGE), "before:deploy:function:initialize", options)).rejects.toThrow(
      "deploy the stack",
    );
  });

  it("is allowed for any other", async () => {
    await hook(serviceWith({ ...EDGE, ...API }), "before:deploy:function:initialize", { function: "tracker" });
  });
});

describe("sls deploy --package", () => {
  const directory = mkdtempSync(join(tmpdir(), "enceladus-edge-"));
  afterEach(() => rmSync(join(directory, "authEdge.zip"), { force: true }));

  function packaged(configuration: BakedConfiguration | undefined): CommandOptions {
    const bundle = `handle('${configurationText(configuration)}')`;
    const zip = zipSync({ "functions/auth-edge/handler.cjs": strToU8(bundle) });
    writeFileSync(join(directory, "authEdge.zip"), zip);
    return { package: directory };
  }

  it("takes an edge without a configuration to where no stack is", async () => {
    await hook(serviceWith(EDGE), "before:deploy:deploy", packaged(undefined));
  });

  it("takes no edge without a configuration, or with one of another client, to a stack that has one", async () => {
    account.deploy(CONFIGURATION);
    for (const other of [undefined, { ...CONFIGURATION, clientId: "client-2" }]) {
      const deploy = hook(serviceWith(EDGE), "before:deploy:deploy", packaged(other));
      await expect(deploy).rejects.toThrow("Package it again");
    }
  });

  it("takes the edge of the stack", async () => {
    account.deploy(CONFIGURATION);
    await hook(serviceWith(EDGE), "before:deploy:deploy", packaged(CONFIGURATION));
  });

  it("needs to know what the stack has", async () => {
    process.env.AWS_ENDPOINT_URL = "http://127.0.0.1:9";
    const deploy = hook(serviceWith(EDGE), "before:deploy:deploy", packaged(CONFIGURATION));
    await expect(deploy).rejects.toThrow("ECONNREFUSED");
  });
});
