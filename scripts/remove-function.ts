import { Argument, Command } from "commander";
import { run } from "./api/run.ts";
import { UserError } from "./api/user-error.ts";
import { applyChanges } from "./function-generator/apply.ts";
import { deriveFrom } from "./function-generator/derive.ts";
import type { Mention } from "./function-generator/mentions.ts";
import { planRemoval, type Removal } from "./function-generator/removal.ts";
import { readRepository } from "./function-generator/repository.ts";
import { ROOT } from "./service/resolved-config.ts";

const LONGEST_LINE = 100;

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

function tell({ changes, queues, mentions }: Removal): void {
  for (const { path, after } of changes) say(`  ${after === undefined ? "removed" : "changed"} ${path}`);
  if (queues.length > 0) say(`  its own in resources/queues.yml: ${queues.join(", ")}`);
  if (mentions.length === 0) return;
  say("\nWhat speaks of it and stays as it is:");
  for (const mention of mentions) say(`  ${lineOf(mention)}`);
}

function lineOf({ path, line, text }: Mention): string {
  return `${path}:${line}: ${text.slice(0, LONGEST_LINE)}`;
}

async function removeFunction(name: string, { yes, dryRun }: { yes?: boolean; dryRun?: boolean }): Promise<void> {
  const removal = planRemoval(name, readRepository(ROOT));
  tell(removal);
  if (dryRun) {
    say("\nNothing is written.");
    return;
  }
  const { changes, mentions, queues } = removal;
  if (mentions.length > 0 && !yes) {
    throw new UserError("\nNothing is written: look through these lines first, then say --yes.");
  }
  await applyChanges(ROOT, changes, () => deriveFrom(changes));
  say(
    "\nThe next deploy of the stack takes the function, its role, its alarms and its log out of it. Tables stay declared;",
  );
  say(
    queues.length > 0
      ? "its queues are declared no more: a production stage keeps them, with what is in them, until somebody deletes them."
      : "so do queues.",
  );
  say("What only this function has used of domain/ is still there.");
}

await run(
  new Command("npm run remove:function --")
    .description(
      "Takes a function away, with everything that the generator makes for one. Says first what speaks of it.",
    )
    .addArgument(new Argument("<name>", "the name of its folder, like price-list"))
    .option("--yes", "though there are lines that speak of it")
    .option("--dry-run", "say what would be removed")
    .action(removeFunction),
);
