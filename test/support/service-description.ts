import type { LocalServices } from "../../scripts/local/services.ts";

/** The local AWS as the process that started it describes it to the processes that run the tests. */
export type ServiceDescription = Pick<
  LocalServices,
  "direct" | "region" | "credentials" | "tables" | "queues" | "buckets" | "topics" | "users" | "internalKey"
> & {
  /** Where faults are set and calls are read. */
  controlUrl: string;
  /** Key in serverless.yml -> deployed name. */
  functions: Readonly<Record<string, string>>;
  /** The whole environment of each function, by its key in serverless.yml. */
  environments: Readonly<Record<string, Readonly<Record<string, string>>>>;
};

declare global {
  /** From the global setup to the global teardown, which share a process. */
  var stopTestServices: (() => Promise<void>) | undefined;
}
