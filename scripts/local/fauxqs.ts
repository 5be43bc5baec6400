import { mkdir } from "node:fs/promises";
import { buildApp } from "fauxqs";
import { LOOPBACK } from "./ports.ts";
import { enforceWriteConditions } from "./s3-conditions.ts";

export type FauxqsStores = NonNullable<NonNullable<Parameters<typeof buildApp>[0]>["stores"]>;

interface Internals {
  createStores(): FauxqsStores;
  createPersistence(dataDir: string): FauxqsPersistence;
}

type FauxqsPersistence = NonNullable<FauxqsStores["sqsStore"]["persistence"]> &
  NonNullable<FauxqsStores["s3Store"]["persistence"]>;

/**
 * The parts from which `startFauxqs` builds its server. It is not used itself, because it listens on every interface
 * and takes no hooks; the package exports only its front door, hence by file.
 */
async function fauxqsInternals(): Promise<Internals> {
  const file = (path: string) => import(new URL(path, import.meta.resolve("fauxqs")).href);
  const [{ SqsStore }, { SnsStore }, { S3Store }, { PersistenceManager }] = await Promise.all([
    file("./sqs/sqsStore.js"),
    file("./sns/snsStore.js"),
    file("./s3/s3Store.js"),
    file("./persistence.js"),
  ]);
  return {
    createStores: () => ({ sqsStore: new SqsStore(), snsStore: new SnsStore(), s3Store: new S3Store() }),
    createPersistence: (dataDir) => new PersistenceManager(dataDir),
  };
}

function persist(stores: FauxqsStores, persistence: FauxqsPersistence): void {
  // What is there is loaded before the stores know where they are kept, or loading would write everything again.
  persistence.load(stores.sqsStore, stores.snsStore, stores.s3Store);
  stores.sqsStore.persistence = persistence;
  stores.snsStore.persistence = persistence;
  stores.s3Store.persistence = persistence;
  for (const queue of stores.sqsStore.allQueues()) queue.persistence = persistence;
}

export interface Fauxqs {
  /** S3 (path style), SQS and SNS at one address. */
  url: string;
  stores: FauxqsStores;
  stop(): Promise<void>;
}

/**
 * Starts S3, SQS and SNS in this process.
 * @param dataDir the folder of its SQLite file; absent: everything in memory
 */
export async function startFauxqs(region: string, dataDir?: string): Promise<Fauxqs> {
  const { createStores, createPersistence } = await fauxqsInternals();
  const stores = createStores();
  const app = buildApp({ logger: false, defaultRegion: region, stores });
  // Queue URLs start with the address they were asked at, which may be the wire.
  stores.sqsStore.host = "";
  enforceWriteConditions(app, stores.s3Store);
  if (dataDir !== undefined) {
    await mkdir(dataDir, { recursive: true });
    const persistence = createPersistence(dataDir);
    persist(stores, persistence);
    app.addHook("preClose", (done) => {
      persistence.close();
      done();
    });
  }
  const url = await app.listen({ port: 0, host: LOOPBACK });
  return { url, stores, stop: () => app.close() };
}
