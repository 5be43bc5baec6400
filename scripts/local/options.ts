import { resolve } from "node:path";
import * as z from "zod";
import { LocalError } from "./errors.ts";

/** Options of `sls offline`, in the words of the framework; `npm start` has the same. */
export const COMMAND_OPTIONS = {
  port: { usage: "Port of the API (the Lambda endpoint is two above it). Default: 3000", type: "string" },
  data: { usage: "Folder that keeps everything over restarts. Default: .local", type: "string" },
  fresh: { usage: "Empty the data folder first", type: "boolean" },
  "queue-delay": {
    usage: "The longest that queues hold messages back, in seconds. Default: 3",
    type: "string",
  },
  // The framework reads --no-seed as "seed: false".
  seed: { usage: "Create the demo project; --no-seed does not", type: "boolean" },
} as const;

export interface LocalOptions {
  /** The API listens here, the Lambda endpoint at the next but one. */
  port: number;
  lambdaPort: number;
  dataDir: string;
  fresh: boolean;
  seed: boolean;
  /** Seconds. */
  longestQueueDelay: number;
}

const HIGHEST_PORT = 65_535 - 2;
const A_PORT = `must be a port from 1 to ${HIGHEST_PORT}`;

/** What SQS allows a queue. */
const LONGEST_DELAY = 900;
const A_DELAY = `must be a number of seconds from 0 to ${LONGEST_DELAY}`;

const CommandLine = z.object({
  port: z.coerce
    .number({ error: A_PORT })
    .int({ error: A_PORT })
    .min(1, { error: A_PORT })
    .max(HIGHEST_PORT, { error: A_PORT })
    .default(3000),
  data: z.string().trim().min(1, { error: "must name a folder" }).default(".local"),
  fresh: z.boolean().default(false),
  seed: z.boolean().default(true),
  "queue-delay": z
    .string()
    .regex(/^\d{1,3}$/, { error: A_DELAY })
    .transform(Number)
    .refine((seconds) => seconds <= LONGEST_DELAY, { error: A_DELAY })
    .default(3),
});

/**
 * @param commandLine what was given, by option name; absent ones may be undefined
 * @param folder relative data folders start here
 * @throws LocalError that names the option
 */
export function readOptions(commandLine: Readonly<Record<string, unknown>>, folder: string): LocalOptions {
  const given = Object.fromEntries(
    Object.entries(commandLine).filter(([, value]) => value !== undefined && value !== null),
  );
  const parsed = CommandLine.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new LocalError(`--${issue?.path.join(".")}: ${issue?.message}`);
  }
  const { port, data, fresh, seed, "queue-delay": longestQueueDelay } = parsed.data;
  return { port, lambdaPort: port + 2, dataDir: resolve(folder, data), fresh, seed, longestQueueDelay };
}
