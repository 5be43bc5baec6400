import { createInterface } from "node:readline/promises";
import { Command, InvalidArgumentError } from "commander";
import { showProgress } from "./api/progress.ts";
import { run } from "./api/run.ts";
import type { Letter } from "./dead-letters/letter.ts";
import { LetterBox } from "./dead-letters/letter-box.ts";
import { overview, overviewText } from "./dead-letters/overview.ts";
import { openPlace, type Place, type PlaceOptions } from "./dead-letters/place.ts";
import { type Replay, replay } from "./dead-letters/replay.ts";
import { resend, wayInWords } from "./dead-letters/resend.ts";
import { letterText, lookInto, SHOW_HIDES_SECONDS } from "./dead-letters/show.ts";
import { contractName } from "./local/contract-names.ts";

interface ListOptions extends PlaceOptions {
  json?: boolean;
}

interface ShowOptions extends ListOptions {
  limit: number;
}

interface ReplayOptions extends PlaceOptions {
  id?: string[];
  limit?: number;
  yes?: boolean;
  dryRun?: boolean;
}

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

function positive(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError("It must be a number from 1 on.");
  return number;
}

/** A queue by its name, with or without the ending of its stage. */
async function boxOf(name: string, { queues, stage, clients }: Place, command: Command): Promise<LetterBox> {
  const queue = queues.find((known) => known.name === name || contractName(known.name, stage) === name);
  if (!queue) {
    const known = queues.map((one) => `  ${one.name}`).join("\n");
    return command.error(`There is no queue of failures '${name}'. There are:\n${known}`, { exitCode: 2 });
  }
  return LetterBox.open(queue, clients.sqs);
}

async function list(options: ListOptions): Promise<void> {
  const place = await openPlace(options);
  const queues = await overview(place);
  if (options.json) return say(JSON.stringify(queues, undefined, 2));
  say(`What could not be dealt with, at ${place.name}:\n\n${overviewText(queues)}`);
}

async function show(name: string, options: ShowOptions, command: Command): Promise<void> {
  const place = await openPlace(options);
  const box = await boxOf(name, place, command);
  const all = await count(box);
  const letters = await lookInto(box, Math.min(options.limit, Math.max(all, 1)), place.clients);
  if (options.json) return say(JSON.stringify(letters, undefined, 2));
  for (const letter of letters) say(`${letterText(letter)}\n`);
  say(`${letters.length} shown of about ${all} in ${box.queue.name}. Secrets are hidden. Nothing was removed;`);
  say(`for up to ${SHOW_HIDES_SECONDS} s nobody else could take what was looked at.`);
}

/** @returns whether the person at the keyboard agrees; without one `--yes` has to be said */
async function agreed(question: string, command: Command): Promise<boolean> {
  if (!process.stdin.isTTY) return command.error("Without a terminal to ask at, say --yes.", { exitCode: 2 });
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}

function report({ replayed, failed, waiting }: Replay, missing: readonly string[]): void {
  for (const { letter, because } of failed) say(`  ${letter.id} stays: ${because}`);
  for (const { id, groupId } of waiting) say(`  ${id} stays: a message before it in the group ${groupId} has failed`);
  for (const id of missing) say(`  ${id} was not found`);
  say(`${replayed.length} sent back, ${failed.length + waiting.length} left.`);
  process.exitCode = failed.length + waiting.length + missing.length > 0 ? 1 : 0;
}

/** How many there are, with those that are hidden: they may appear at any time, and counts are late. */
async function count(box: LetterBox): Promise<number> {
  const { waiting, hidden } = await box.depth();
  return waiting + hidden;
}

/** Says where everything would go, and leaves it where it is. */
async function dryRun(box: LetterBox, place: Place, { id, limit }: ReplayOptions): Promise<void> {
  const all = await count(box);
  const letters = await lookInto(box, id ? all : (limit ?? all), place.clients);
  const wanted = letters.filter((letter) => !id || id.includes(letter.id));
  for (const letter of wanted) {
    const lost = typeof letter.records === "string" ? `, but ${letter.records}` : "";
    say(`${letter.id} would go ${letter.goes_back}${lost}`);
  }
  say(`${wanted.length} of about ${all} in ${box.queue.name}. Nothing was sent or removed.`);
}

async function sendBack(name: string, options: ReplayOptions, command: Command): Promise<void> {
  const place = await openPlace(options);
  const box = await boxOf(name, place, command);
  if (options.dryRun) return dryRun(box, place, options);
  const all = await count(box);
  if (all === 0) return say(`Nothing is in ${box.queue.name}.`);
  const ids = options.id && new Set(options.id);
  const most = Math.min(ids?.size ?? all, options.limit ?? all);
  const question = `Send ${most} of about ${all} messages of ${box.queue.name} (${place.name}) back?`;
  if (!options.yes && !(await agreed(question, command))) return say("Nothing was sent.");

  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  const progress = showProgress(process.stdout, "messages", most);
  const send = (letter: Letter) => resend(letter, place.clients);
  const { signal } = stop;
  const outcome = await replay(box, send, {
    most,
    lookAtMost: all,
    ...(ids && { ids }),
    signal,
    told: progress.update,
  }).finally(progress.stop);
  for (const letter of outcome.replayed) say(`  ${letter.id} went ${wayInWords(letter.back)}`);
  if (signal.aborted) say("Stopped before the end.");
  const found = new Set(
    [...outcome.replayed, ...outcome.failed.map(({ letter }) => letter), ...outcome.waiting].map(({ id }) => id),
  );
  report(outcome, signal.aborted ? [] : [...(ids ?? [])].filter((id) => !found.has(id)));
}

function withPlace(command: Command): Command {
  return command
    .option("--stage <name>", "a deployed stage, with the AWS credentials of this machine; else the local system")
    .option("--region <name>", "its region; else that of serverless.yml")
    .option("--data <dir>", "data folder of the local system", ".local");
}

const program = new Command("npm run dlq --").description("Looks after what could not be dealt with.").exitOverride();
withPlace(program.command("list"))
  .description("every queue of failures, with what ends there and how much there is")
  .option("--json", "as JSON")
  .action(list);
withPlace(program.command("show"))
  .description("the messages of a queue, and what went wrong with them; they stay there")
  .argument("<queue>", "its name")
  .option("--limit <n>", "so many, at most", positive, 10)
  .option("--json", "as JSON")
  .action(show);
withPlace(program.command("replay"))
  .description("sends messages back where they came from, and removes those that were accepted")
  .argument("<queue>", "its name")
  .option("--id <message-id...>", "only these")
  .option("--limit <n>", "so many, at most", positive)
  .option("--dry-run", "say where they would go")
  .option("--yes", "do not ask")
  .action(sendBack);

await run(program);
