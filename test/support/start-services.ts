import { fork } from "node:child_process";
import { once } from "node:events";
import type { ServiceDescription } from "./service-description.ts";

/**
 * Starts the local AWS in memory, once for all integration tests, and tells the test processes by the environment
 * where it is: what every function would find there, and the whole description as JSON.
 */
export default async function startForTests(): Promise<void> {
  const child = fork(`${import.meta.dirname}/services-process.ts`, { execArgv: [] });
  globalThis.stopTestServices = async () => {
    const gone = once(child, "exit");
    child.disconnect();
    await gone;
  };
  const failed = once(child, "exit").then(([code]) => {
    throw new Error(`the local AWS did not start (exit code ${code})`);
  });
  const [description] = (await Promise.race([once(child, "message"), failed])) as [ServiceDescription];
  failed.catch(() => undefined);
  // The profile of whoever sits at the machine must not reach the tests.
  for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name];
  // One environment for all: a name that two functions use differently has the value of the one that is declared first.
  Object.assign(process.env, ...Object.values(description.environments).reverse());
  // Set it to INFO to read along.
  process.env.POWERTOOLS_LOG_LEVEL ??= "SILENT";
  process.env.ENCELADUS_TEST_SERVICES = JSON.stringify(description);
}
