import { UserError } from "../api/user-error.ts";
import { type Change, created } from "./change.ts";
import { checkChoice } from "./check-choice.ts";
import type { Choice } from "./choice.ts";
import { declarationText } from "./declaration.ts";
import { httpFiles, sampleLine, stepLine } from "./http-files.ts";
import { namesOf } from "./names.ts";
import { queueBlocks } from "./queues.ts";
import type { Repository } from "./repository.ts";
import {
  CHANGELOG,
  QUEUES,
  SAMPLES,
  SCENARIO,
  SERVICE,
  withDeclaration,
  withEntry,
  withQueues,
  withSample,
  withStep,
} from "./shared-files.ts";
import { workerFiles } from "./worker-files.ts";

function triggerInWords(choice: Choice): string {
  switch (choice.trigger) {
    case "http":
      return `\`${choice.method} ${choice.path}\``;
    case "stream":
      return `behind the stream of \`${choice.table}\``;
    case "queue":
      return choice.queue === undefined ? "behind a queue" : `behind \`${choice.queue}\``;
    case "rule":
      return `on \`${choice.detailType}\` of \`${choice.source}\``;
    case "schedule":
      return `\`${choice.schedule}\``;
  }
}

/** What is written by hand in a repository whose functions are made by hand; what follows from it is not among it. */
export function planFunction(choice: Choice, repository: Repository): Change[] {
  checkChoice(choice, repository);
  const { name, folder, deployed } = namesOf(choice.name);
  const edited = (path: string, edit: (text: string) => string): Change => {
    const before = repository.read(path);
    return { path, before, after: edit(before) };
  };
  const blocks = queueBlocks(choice);
  const sample = choice.trigger === "http" ? sampleLine(choice) : undefined;
  const changes = [
    created(`${folder}/function.yml`, declarationText(choice)),
    ...(choice.trigger === "http" ? httpFiles(choice) : workerFiles(choice)),
    edited(SERVICE, (text) => withDeclaration(text, folder)),
    ...(blocks.length > 0 ? [edited(QUEUES, (text) => withQueues(text, blocks))] : []),
    ...(sample === undefined ? [] : [edited(SAMPLES, (text) => withSample(text, sample))]),
    ...(choice.trigger === "http" ? [edited(SCENARIO, (text) => withStep(text, stepLine(choice)))] : []),
    edited(CHANGELOG, (text) => withEntry(text, deployed, triggerInWords(choice), choice.about)),
  ];
  refuseTaken(changes, blocks, repository, `.github/workflows/lambda-${name}-deploy.yml`);
  return changes;
}

function refuseTaken(
  changes: readonly Change[],
  blocks: readonly string[],
  repository: Repository,
  workflow: string,
): void {
  const news = [...changes.filter(({ before }) => before === undefined).map(({ path }) => path), workflow];
  const there = news.find((path) => repository.has(path));
  if (there) throw new UserError(`${there} is there already; nothing is written.`);
  const ids = blocks.map((block) => /^ {2}(\w+):$/m.exec(block)?.[1] ?? "");
  const taken = ids.find((id) => repository.resources.has(id));
  if (taken) throw new UserError(`There is a resource ${taken} already; nothing is written. Choose another name.`);
}
