import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { strToU8, zipSync } from "fflate";
import { demandCertificateChecks } from "../../../../scripts/parity-audit/download.ts";
import { filterOf, packagesIn, regionsOf } from "../../../../scripts/parity-audit/input.ts";
import { AuditedStage } from "../../../support/account-double/audited-stage.ts";
import { runScript } from "../../../support/command.ts";

const TOPIC = "arn:aws:sns:us-east-1:123456789012:enceladus-alerts";

let folder: string;
let stage: AuditedStage;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "enceladus-audit-"));
  stage = await AuditedStage.start(join(folder, "packages"));
  process.env.AWS_ENDPOINT_URL = stage.aws.url;
  process.env.AWS_ACCESS_KEY_ID = "none";
  process.env.AWS_SECRET_ACCESS_KEY = "none";
});
afterEach(() => {
  stage.aws.stop();
  rmSync(folder, { recursive: true, force: true });
  for (const name of ["AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "NODE_TLS_REJECT_UNAUTHORIZED"])
    delete process.env[name];
});

const run = (...args: string[]) =>
  runScript("parity-audit", ["--package", stage.packages, "--output-dir", join(folder, "out"), ...args]);
const written = (file: string) => readFileSync(join(folder, "out", file), "utf8");

describe("the audit", () => {
  it("writes its three files, ends with 0 and tells nobody where all is as declared", async () => {
    const { code, output } = await run("--sns-topic-arn", TOPIC);
    expect(output).toContain("Everything is as it is declared.");
    expect(code).toBe(0);
    expect(JSON.parse(written("lambda_parity.json"))).toMatchObject({
      generated_at: expect.any(String),
      stats: { MATCH: 2 },
    });
    expect(JSON.parse(written("resource_inventory.json"))).toMatchObject({ inventory_warnings: [] });
    expect(written("summary.md")).toContain("| devops-worker | MATCH | MATCH |");
    expect(stage.aws.called("sns:Publish")).toHaveLength(0);
  });

  it("ends with 2 on drift, says what it is and tells the topic once", async () => {
    stage.function("devops-worker").zip = zipSync({ "functions/worker/handler.cjs": strToU8("exports.handler = 0;") });
    const { code } = await run("--sns-topic-arn", TOPIC);
    expect(code).toBe(2);
    expect(written("summary.md")).toContain("- **1 DIFF**");
    const [{ input } = { input: {} }, ...more] = stage.aws.called("sns:Publish");
    expect(input).toMatchObject({ TopicArn: TOPIC, Message: expect.stringContaining("| devops-worker | DIFF |") });
    expect(more).toStrictEqual([]);
  });

  it("ends with 1, not with the 2 of a drift, for an option that is none", async () => {
    const { code, errors } = await run("--fast");
    expect(errors).toContain("unknown option");
    expect(code).toBe(1);
  });
});

describe("an input that is none", () => {
  it.each([
    ["a region", () => regionsOf("us-east-1,mars"), '"mars" is no region'],
    ["a filter", () => filterOf("("), "no regular expression"],
    ["packages", () => packagesIn("/nowhere"), "no packages in /nowhere"],
  ])("is named: %s", (_what, read, message) => {
    expect(read).toThrow(message);
  });

  it("is a process without the checks of certificates", () => {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    expect(demandCertificateChecks).toThrow("unset it");
  });
});
