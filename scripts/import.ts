import { Argument, Command, Option } from "commander";
import { ApiClient } from "./api/client.ts";
import { type AccessOptions, locateApi } from "./api/locate.ts";
import { showProgress } from "./api/progress.ts";
import { requireProject } from "./api/project.ts";
import { run, withAccessOptions } from "./api/run.ts";
import { FORMATS, type Format, readIssueFile } from "./import/issue-file.ts";
import { planImport } from "./import/plan.ts";
import { importReport, planReport } from "./import/report.ts";
import { sendPlan } from "./import/send.ts";

interface ImportOptions extends AccessOptions {
  project: string;
  format?: Format;
  dryRun?: boolean;
}

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

async function importFile(path: string, options: ImportOptions): Promise<void> {
  const { project, format, dryRun } = options;
  const file = await readIssueFile(path, format);
  const plan = planImport(file);
  if (dryRun) {
    say(`${file.name} (${file.format}), nothing is written. ${planReport(plan)}`);
    process.exitCode = plan.refused.length > 0 ? 1 : 0;
    return;
  }
  const client = new ApiClient(await locateApi(options));
  await requireProject(client, project);
  const total = plan.records.length;
  say(`${total} records of ${file.name} (${file.format}) into ${project} at ${client.access.url}`);
  const startedAt = performance.now();
  const progress = showProgress(process.stdout, "records", total);
  const outcomes = await sendPlan(client, project, plan, progress.update).finally(progress.stop);
  const { text, complete } = importReport(plan, outcomes, (performance.now() - startedAt) / 1000);
  say(text);
  process.exitCode = complete ? 0 : 1;
}

const command = withAccessOptions(
  new Command("npm run import --")
    .description("Brings issues from a file into a project. Safe to repeat: what is there already is left alone.")
    .addArgument(new Argument("<file>", "JSONL of beads, JSONL of an export, JSON or JSONL of GitHub issues, or CSV"))
    .requiredOption("--project <name>", "the project, which must exist")
    .addOption(new Option("--format <format>", "what the file holds; else told by the file itself").choices(FORMATS))
    .option("--dry-run", "check the file and say what would be imported"),
).action(importFile);

await run(command);
