import { Argument, Command, InvalidArgumentError, Option } from "commander";
import { run } from "./api/run.ts";
import { applyChanges } from "./function-generator/apply.ts";
import { Questions } from "./function-generator/ask.ts";
import type { Change } from "./function-generator/change.ts";
import { TRIGGERS } from "./function-generator/choice.ts";
import { type ChoiceOptions, chooseFunction } from "./function-generator/choose.ts";
import { deriveFrom } from "./function-generator/derive.ts";
import { namesOf } from "./function-generator/names.ts";
import { planFunction } from "./function-generator/plan.ts";
import { readRepository } from "./function-generator/repository.ts";
import { ROOT } from "./service/resolved-config.ts";

interface NewOptions extends ChoiceOptions {
  yes?: boolean;
  dryRun?: boolean;
}

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

function planText(name: string, changes: readonly Change[]): string {
  const lines = changes.map(({ path, before }) => `  ${before === undefined ? "new    " : "changed"} ${path}`);
  return [
    ...lines,
    `  new     .github/workflows/lambda-${name}-deploy.yml`,
    "  and what follows: resources/lambda-workflow-manifest.json, resources/alarms.yml, docs/openapi.json, docs/api.md",
  ].join("\n");
}

async function newFunction(name: string, options: NewOptions): Promise<void> {
  const { folder } = namesOf(name);
  const ask = process.stdin.isTTY && process.stdout.isTTY ? new Questions() : undefined;
  try {
    const repository = readRepository(ROOT);
    const choice = await chooseFunction(name, options, repository, ask);
    const changes = planFunction(choice, repository);
    say(planText(name, changes));
    if (options.dryRun) return say("Nothing is written.");
    if (ask && !options.yes && !(await ask.agree("Write this?"))) return say("Nothing is written.");
    await applyChanges(ROOT, changes, () => deriveFrom(changes));
    say(
      `\n${folder} is there, with its role, tests, workflow and alarms. It does next to nothing yet: the rule belongs into`,
    );
    say("domain/, and the calls that it needs into the role in function.yml. `npm run remove:function` takes it back.");
  } finally {
    ask?.close();
  }
}

function wholeNumber(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError("a whole number.");
  return Number(text);
}

const command = new Command("npm run new:function --")
  .description("Adds a function with everything that belongs to it. What is not said is asked at a terminal.")
  .addArgument(new Argument("<name>", "the name of its folder, like price-list"))
  .addOption(new Option("--trigger <trigger>", "what it is called by").choices(TRIGGERS))
  .option("--about <sentence>", "what it does, without a full stop")
  .option("--memory <MB>", "default 256", wholeNumber)
  .option("--timeout <seconds>", "default 10 for http, 30 for a queue, 60 otherwise", wholeNumber)
  .addOption(new Option("--method <method>", "http").choices(["GET", "POST", "PUT", "PATCH", "DELETE"]).default("GET"))
  .option("--path <path>", "http: default /api/v1/<name>/{projectId}")
  .option("--scope <scope>", "http: the right that it asks for, like tracker:read")
  .option("--table <logical id>", "stream: whose stream it follows, like DocumentsTable")
  .option("--queue <logical id>", "queue: one that is there; without it the function gets its own")
  .option("--source <source>", "rule: of events, like aws.s3 or enceladus.tracker")
  .option("--detail-type <type>", "rule: of events")
  .option("--schedule <expression>", 'schedule: "rate(1 hour)", "cron(0 6 * * ? *)"')
  .option("--yes", "do not ask whether to write")
  .option("--dry-run", "say what would be written")
  .action(newFunction);

await run(command);
