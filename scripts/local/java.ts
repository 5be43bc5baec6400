import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { LocalError } from "./errors.ts";

const OLDEST_JAVA = 11;
const HOW_TO_GET_IT =
  "install a Java runtime, for example with `sudo apt-get install default-jre-headless`, `brew install openjdk` or from https://adoptium.net.";

/** The major version in the output of `java -version`; undefined when it is not that of a Java. `1.8.0_292` is 8. */
export function javaMajorVersion(output: string): number | undefined {
  const match = /version "(?:1\.)?(\d+)/.exec(output);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

/**
 * Makes sure that a Java is there on which DynamoDB Local runs.
 * @throws LocalError with how to get one
 */
export async function requireJava(): Promise<void> {
  let major: number | undefined;
  try {
    const { stdout, stderr } = await promisify(execFile)("java", ["-Xshare:auto", "-version"]);
    major = javaMajorVersion(stdout + stderr);
  } catch {
    // No such program, or the stub of macOS that only says that there is none.
  }
  if (major === undefined)
    throw new LocalError(`DynamoDB Local needs Java ${OLDEST_JAVA} or newer, and there is none here: ${HOW_TO_GET_IT}`);
  if (major < OLDEST_JAVA) {
    throw new LocalError(
      `DynamoDB Local needs Java ${OLDEST_JAVA} or newer, and the one here is ${major}: ${HOW_TO_GET_IT}`,
    );
  }
}
