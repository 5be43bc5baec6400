import type { buildApp } from "fauxqs";

export type FauxqsStores = NonNullable<NonNullable<Parameters<typeof buildApp>[0]>["stores"]>;

interface Internals {
  createStores(): FauxqsStores;
  createPersistence(dataDir: string): FauxqsPersistence;
}

export type FauxqsPersistence = NonNullable<FauxqsStores["sqsStore"]["persistence"]> &
  NonNullable<FauxqsStores["s3Store"]["persistence"]>;

/**
 * The parts from which `startFauxqs` builds its server. It is not used itself, because it listens on every interface
 * and takes no hooks; the package exports only its front door, hence by file.
 */
export async function fauxqsInternals(): Promise<Internals> {
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

/** The database of the persistence, of which its types do not tell. */
interface WithDatabase {
  db: { prepare(sql: string): { run(...values: string[]): unknown } };
}

/**
 * fauxqs would forget how often a message was received that becomes visible before its time, which its own table forbids:
 * the call fails, and the message is gone.
 */
function mendGivingBack(persistence: FauxqsPersistence): void {
  const { db } = persistence as unknown as WithDatabase;
  const giveBack = db.prepare(
    "UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = ?",
  );
  persistence.updateMessageReady = (messageId) => void giveBack.run(messageId);
}

/** Loads what an earlier start has kept, and keeps everything from now on. */
export function persist(stores: FauxqsStores, persistence: FauxqsPersistence): void {
  mendGivingBack(persistence);
  // What is there is loaded before the stores know where they are kept, or loading would write everything again.
  persistence.load(stores.sqsStore, stores.snsStore, stores.s3Store);
  stores.sqsStore.persistence = persistence;
  stores.snsStore.persistence = persistence;
  stores.s3Store.persistence = persistence;
  for (const queue of stores.sqsStore.allQueues()) {
    queue.persistence = persistence;
    // Whoever had received these is gone: nobody is to wait out their visibility timeout, six minutes with some queues.
    for (const receiptHandle of [...queue.inflightMessages.keys()]) queue.changeVisibility(receiptHandle, 0);
  }
}
