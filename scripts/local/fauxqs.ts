import { mkdir } from "node:fs/promises";
import { buildApp } from "fauxqs";
import { type FauxqsStores, fauxqsInternals, persist } from "./fauxqs-stores.ts";
import { LOOPBACK } from "./ports.ts";
import { enforceWriteConditions } from "./s3-conditions.ts";

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
