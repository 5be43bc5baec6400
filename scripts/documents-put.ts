import { Argument, Command } from "commander";
import { ApiClient } from "./api/client.ts";
import { type AccessOptions, locateApi } from "./api/locate.ts";
import { showProgress } from "./api/progress.ts";
import { requireProject } from "./api/project.ts";
import { run, withAccessOptions } from "./api/run.ts";
import { UserError } from "./api/user-error.ts";
import { listDocuments } from "./documents/known-documents.ts";
import { markdownFiles } from "./documents/markdown-files.ts";
import { putFiles } from "./documents/put.ts";
import { putReport } from "./documents/report.ts";

interface PutOptions extends AccessOptions {
  project: string;
  dryRun?: boolean;
}

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

async function putDocuments(folder: string, options: PutOptions): Promise<void> {
  const { project, dryRun = false } = options;
  const files = await markdownFiles(folder);
  if (files.length === 0) throw new UserError(`There are no Markdown files (.md, .markdown) in ${folder}.`);
  const client = new ApiClient(await locateApi(options));
  await requireProject(client, project);
  say(`${files.length} Markdown files of ${folder} into ${project} at ${client.access.url}`);
  const startedAt = performance.now();
  const known = await listDocuments(client, project);
  const progress = showProgress(process.stdout, "files", files.length);
  const target = { client, project, dryRun };
  const outcomes = await putFiles(target, folder, files, known, progress.update).finally(progress.stop);
  const seconds = (performance.now() - startedAt) / 1000;
  const { text, complete } = putReport(outcomes, dryRun ? undefined : seconds);
  say(text);
  process.exitCode = complete ? 0 : 1;
}

const command = withAccessOptions(
  new Command("npm run documents:put --")
    .description(
      "Puts the Markdown files of a folder into a project. Safe to repeat: unchanged files are not rewritten.",
    )
    .addArgument(new Argument("<dir>", "the folder, with all folders in it but .git and node_modules"))
    .requiredOption("--project <name>", "the project, which must exist")
    .option("--dry-run", "read what is there, and say what would be written"),
).action(putDocuments);

await run(command);
