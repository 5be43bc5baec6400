import { type Command, CommanderError } from "commander";
import { UserError } from "./user-error.ts";

const USAGE_FAULT = 2;

/** The options with which every command finds its API. */
export function withAccessOptions(command: Command): Command {
  return command
    .option("--api <url>", "address of the API; else ENCELADUS_API, else that of the local system")
    .option("--key <key>", "internal key of the API; else ENCELADUS_KEY, else that of the local system")
    .option("--data <dir>", "data folder of the local system", ".local");
}

/**
 * Runs a command to its end: faults of usage end with 2, everything that a person can put right with 1 and one
 * sentence.
 * @param usageFault where 2 says something else
 */
export async function run(command: Command, usageFault = USAGE_FAULT): Promise<void> {
  // Whoever reads the output may stop when they have seen enough.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });
  try {
    await command.exitOverride().parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : usageFault;
      return;
    }
    if (!(error instanceof UserError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
