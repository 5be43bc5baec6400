import { rename, writeFile } from "node:fs/promises";
import { Command } from "commander";
import { ApiClient } from "./api/client.ts";
import { type AccessOptions, locateApi } from "./api/locate.ts";
import { showProgress } from "./api/progress.ts";
import { requireProject } from "./api/project.ts";
import { run, withAccessOptions } from "./api/run.ts";
import { UserError } from "./api/user-error.ts";
import { relatedFrom } from "./export/dependencies.ts";
import { namesOf } from "./export/names.ts";
import { readProject } from "./export/read-project.ts";
import { exportedRecord } from "./export/record.ts";

interface ExportOptions extends AccessOptions {
  project: string;
  out?: string;
}

/** Whole or not at all: half an export looks like a smaller project. */
async function writeWhole(path: string, text: string): Promise<void> {
  try {
    await writeFile(`${path}.part`, text);
    await rename(`${path}.part`, path);
  } catch (error) {
    throw new UserError(`${path} cannot be written (${(error as Error).message}).`);
  }
}

async function exportProject(options: ExportOptions): Promise<void> {
  const { project, out } = options;
  const client = new ApiClient(await locateApi(options));
  await requireProject(client, project);
  // Standard output is for the export.
  const progress = showProgress(process.stderr, "records", 0);
  const records = await readProject(client, project, progress.update).finally(progress.stop);
  const [names, related] = [namesOf(records), relatedFrom(records)];
  const lines = records.map((record) => `${JSON.stringify(exportedRecord(record, names, related))}\n`).join("");
  if (out) await writeWhole(out, lines);
  else process.stdout.write(lines);
  process.stderr.write(`${records.length} records of ${project} at ${client.access.url}${out ? ` in ${out}` : ""}\n`);
}

const command = withAccessOptions(
  new Command("npm run export --")
    .description("Writes every record of a project as JSONL, from which `npm run import` makes an equal project.")
    .requiredOption("--project <name>", "the project")
    .option("--out <file>", "where to write; default: standard output"),
).action(exportProject);

await run(command);
