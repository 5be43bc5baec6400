import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { unzipSync } from "fflate";
import { ApiCaller } from "../../support/api-caller.ts";
import { type CommandResult, runScript } from "../../support/command.ts";
import { system } from "../../support/shared-system.ts";

const PROJECT = "ui-deploy";
const SHA = "0123456789abcdef0123456789abcdef01234567";

const { apiUrl, aws, buckets, region } = system.endpoints;
const credentials = { accessKeyId: aws.accessKeyId, secretAccessKey: aws.secretAccessKey };
const s3 = new S3Client({ endpoint: aws.s3, region, credentials, forcePathStyle: true });
const person = ApiCaller.person(system);

let ui: string;
let key: string;

beforeAll(async () => {
  await person.createProject(PROJECT, "UID");
  const Key = `deploy-config/${PROJECT}/deploy.json`;
  const Body = '{"build": {"version_file": "src/version.ts"}}';
  await s3.send(new PutObjectCommand({ Bucket: buckets.assets, Key, Body }));
  const scopes = ["deploy:read", "deploy:write"];
  const { body } = await person.post("/api/v1/agents/keys", { agent: "ci", scopes, projects: [PROJECT] });
  key = String(body.secret);
  ui = await mkdtemp(join(tmpdir(), "enceladus-ui-"));
  for (const folder of ["src", "node_modules/x", "dist"]) await mkdir(join(ui, folder), { recursive: true });
  await writeFile(join(ui, "src/version.ts"), 'export const APP_VERSION = "2.0.0";\n');
  await writeFile(join(ui, "node_modules/x/index.js"), "");
  await writeFile(join(ui, "dist/index.js"), "");
});
afterAll(async () => {
  s3.destroy();
  await rm(ui, { recursive: true });
});

/** Submits as the workflow does, with a key that may do nothing else. */
function submit(runId: string, ...more: string[]): Promise<CommandResult> {
  const named = ["--project-id", PROJECT, "--ui-dir", ui, "--summary", "A new start page", "--sha", SHA];
  const settings = ["--run-id", runId, "--poll-seconds", "0.3", "--data", system.dataDir, "--key", key];
  return runScript("submit-ui-deploy", [...named, ...settings, ...more]);
}

const requestIn = ({ output }: CommandResult) => /REQ-[\w-]+/.exec(output)?.[0] ?? "none";

async function requestOf(result: CommandResult): Promise<Record<string, unknown>> {
  return (await person.get(`/api/v1/deploy/request/${requestIn(result)}?project=${PROJECT}`)).body;
}

async function sourcesAt(Key: unknown): Promise<string[]> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: buckets.assets, Key: String(Key) }));
  return Object.keys(unzipSync((await Body?.transformToByteArray()) ?? new Uint8Array())).sort();
}

describe("the user interface, submitted as CI does", () => {
  it("says what it would do, and does nothing of it", async () => {
    const { code, output } = await submit("run-0", "--dry-run");
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining("Nothing is uploaded or submitted.") });
    expect((await person.get(`/api/v1/deploy/pending/${PROJECT}`)).body).toMatchObject({ count: 0 });
  });

  it("is packed, put into the bucket, submitted, and deployed", async () => {
    const related = (await person.post(`/api/v1/tracker/${PROJECT}/task`, { title: "x", acceptance_criteria: ["y"] }))
      .body;
    const result = await submit(
      "run-1",
      "--related-ids",
      String(related.record_id),
      "--files-changed",
      "src/a.ts, src/b.ts",
    );
    expect(result).toMatchObject({
      code: 0,
      errors: "",
      output: expect.stringMatching(/is deployed: version 2\.0\.1\.\n$/),
    });
    const request = await requestOf(result);
    expect(request).toMatchObject({
      status: "included",
      change_type: "patch",
      deployment_type: "github_public_static",
      changes: ["Commit 0123456789ab"],
      related_record_ids: [related.record_id],
      files_changed: ["src/a.ts", "src/b.ts"],
      submitted_by: "github-actions",
      source_key: expect.stringMatching(/^deploy-sources\/ui-deploy\/\d{8}T\d{6}Z-run-1-0123456789ab\.zip$/),
    });
    expect(await sourcesAt(request.source_key)).toEqual(["src/version.ts"]);
  });

  it("ends with 2 where its build fails", async () => {
    const fault = { service: "codebuild", match: PROJECT, build: { status: "FAILED", afterMs: 200 } };
    const told = await fetch(`${apiUrl}/local/faults`, { method: "POST", body: JSON.stringify(fault) });
    expect(told.ok).toBe(true);
    const result = await submit("run-2", "--change-type", "minor");
    expect(result).toMatchObject({ code: 2, output: expect.stringMatching(/SPEC-\S+ is failed: /) });
    await person.post(`/api/v1/deploy/cancel/${requestIn(result)}?project=${PROJECT}`, {});
  });

  it("is not waited for in a paused project, or where nobody wants to", async () => {
    await person.patch(`/api/v1/deploy/state/${PROJECT}`, { state: "PAUSED", reason: "a freeze" });
    const paused = await submit("run-3");
    expect(paused).toMatchObject({ code: 0, output: expect.stringContaining("paused") });
    const unawaited = await submit("run-4", "--no-wait");
    expect(unawaited.code).toBe(0);
    expect(await requestOf(unawaited)).toMatchObject({ status: "pending" });
  });

  it("ends with 1 and a sentence for what can be put right", async () => {
    const wrong: [string[], string][] = [
      [["run-3", "--summary", "Another one"], "422"],
      [["run-5", "--key", "wrong"], "does not accept the key"],
      [["run 5"], "--run-id"],
      [["run-5", "--ui-dir", join(ui, "none")], "cannot be read as a folder"],
      [["run-5", "--change-type", "huge"], "Allowed choices are patch, minor, major"],
    ];
    const results = await Promise.all(wrong.map(([[run = "", ...more]]) => submit(run, ...more)));
    expect(results).toEqual(
      wrong.map(([, words]) => ({ code: 1, output: expect.any(String), errors: expect.stringContaining(words) })),
    );
  });
});
