import { randomUUID } from "node:crypto";
import { Command, InvalidArgumentError, Option } from "commander";
import * as z from "zod";
import { ApiClient } from "./api/client.ts";
import { type AccessOptions, locateApi } from "./api/locate.ts";
import { requireProject } from "./api/project.ts";
import { run, withAccessOptions } from "./api/run.ts";
import { packSources } from "./submit-ui-deploy/archive.ts";
import { changedFiles } from "./submit-ui-deploy/changed-files.ts";
import { follow } from "./submit-ui-deploy/follow.ts";
import { locateBucket, upload } from "./submit-ui-deploy/source-bucket.ts";
import { checkNames, type SubmissionOptions, sourceKey, submissionBody } from "./submit-ui-deploy/submission.ts";

interface DeployOptions extends SubmissionOptions, AccessOptions {
  uiDir: string;
  bucket?: string;
  before?: string;
  wait: boolean;
  waitTimeout: number;
  pollSeconds: number;
  dryRun?: boolean;
}

const Submitted = z.object({ request_id: z.string(), message: z.string(), queued_paused: z.boolean() });

/** What `--wait` has found: not what was asked for, and nothing is going to change it. */
const NOT_DEPLOYED = 2;

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

async function deploy(given: DeployOptions): Promise<void> {
  checkNames(given);
  const { uiDir, before, sha, dryRun = false } = given;
  const compared = given.filesChanged.length === 0 && before !== undefined && sha !== undefined;
  const options = compared ? { ...given, filesChanged: await changedFiles(uiDir, before, sha) } : given;
  const { bytes, files } = await packSources(uiDir);
  const key = sourceKey(options, Date.now());
  const body = submissionBody(options, key);
  say(`${files.length} files of ${uiDir}, ${bytes.length} bytes packed, for ${key}`);
  if (dryRun) {
    say(`Nothing is uploaded or submitted. The request would be:\n${JSON.stringify(body, null, 2)}`);
    return;
  }
  const client = new ApiClient(await locateApi(options));
  await requireProject(client, options.projectId);
  await upload(await locateBucket(options.bucket, client.access), key, bytes);
  await submit(client, options, body);
}

async function submit(client: ApiClient, options: DeployOptions, body: Record<string, unknown>): Promise<void> {
  const { projectId: project, waitTimeout: timeoutSeconds, pollSeconds } = options;
  // A run submits once, however often the call has to be tried.
  const idempotencyKey = options.runId ?? randomUUID();
  const answer = await client.call({ method: "POST", path: "/api/v1/deploy/submit", body, idempotencyKey });
  const { request_id, message, queued_paused } = Submitted.parse(answer);
  say(`${request_id}: ${message}`);
  if (queued_paused || !options.wait) return;
  const { ok, words } = await follow(client, request_id, { project, timeoutSeconds, pollSeconds, say });
  say(words);
  process.exitCode = ok ? 0 : NOT_DEPLOYED;
}

/** A list with commas; blanks count for nothing. */
function list(text: string): string[] {
  return text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

function seconds(text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value <= 0 || value > 86_400)
    throw new InvalidArgumentError("a number of seconds.");
  return value;
}

const command = withAccessOptions(
  new Command("npm run deploy:ui --")
    .description(
      "Packs the sources of a user interface, submits them to the deployment manager, and waits until they are deployed. " +
        "Ends with 0 where they are deployed, or nothing is to be waited for (a paused project, --no-wait, --dry-run); " +
        "with 1 for an error or when the time is up; with 2 where they will not be deployed.",
    )
    .requiredOption("--ui-dir <dir>", "the folder of the user interface")
    .requiredOption("--summary <text>", "what is deployed, at most 500 characters")
    .option("--project-id <id>", "the project", "devops")
    .option("--deployment-type <type>", "how it is deployed", "github_public_static")
    .addOption(new Option("--change-type <type>").choices(["patch", "minor", "major"]).default("patch"))
    .option("--changes <list>", "what has changed, with commas; the commit is named otherwise", list, [])
    .option("--related-ids <list>", "records that are told, with commas", list, [])
    .option("--files-changed <list>", "paths, with commas", list, [])
    .option("--before <commit>", "in place of --files-changed: the commit to compare --sha with")
    .option("--submitted-by <name>", "who says so", "github-actions")
    .option("--run-id <id>", "the run that submits: it does so once")
    .option("--sha <commit>", "the commit that is deployed")
    .option("--bucket <name>", "where sources are put; else DEPLOY_SOURCE_BUCKET, else that of the local system")
    .option("--source-prefix <prefix>", "where in it, default deploy-sources/<project>")
    .option("--wait", "wait until it is deployed (default)", true)
    .option("--no-wait", "submit, and end")
    .option("--wait-timeout <seconds>", "the longest to wait", seconds, 1_800)
    .option("--poll-seconds <seconds>", "the time between two looks", seconds, 15)
    .option("--dry-run", "pack, and say what would be submitted"),
).action(deploy);

await run(command, 1);
