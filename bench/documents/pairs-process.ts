import { randomBytes } from "node:crypto";
import type * as dynamodb from "@aws-sdk/client-dynamodb";
import type * as s3 from "@aws-sdk/client-s3";
import type * as lib from "@aws-sdk/lib-dynamodb";
import { fromLayer, invocationContext, loadHandler } from "../packaged-function.ts";
import type { Credentials } from "../requests.ts";
import type { Samples } from "../warm/protocol.ts";
import { markdownOf } from "./content.ts";
import { about, Replay, recorded, type Wave } from "./replay.ts";
import { DocumentRequests } from "./requests.ts";

/** What the process that measures is told. */
export interface DocumentOrder {
  /** A project with documents. */
  projectId: string;
  /** Another one, in which documents are made. */
  writtenProjectId: string;
  credentials: Credentials;
  repetitions: number;
  warmUp: number;
}

const handler = loadHandler();
const libraries = {
  lib: fromLayer<typeof lib>("@aws-sdk/lib-dynamodb"),
  s3: fromLayer<typeof s3>("@aws-sdk/client-s3"),
};
const { DynamoDBClient } = fromLayer<typeof dynamodb>("@aws-sdk/client-dynamodb");
const shared = [
  fromLayer<{ dynamodb: () => lib.DynamoDBDocumentClient }>("@enceladus/shared/dynamodb").dynamodb(),
  fromLayer<{ s3: () => s3.S3Client }>("@enceladus/shared/s3").s3(),
];

/** Clients with the settings of the function's own, over the same build of the SDK. */
function bareClients() {
  const settings = {
    maxAttempts: 5,
    requestHandler: { connectionTimeout: 3_000, requestTimeout: 4_000, throwOnRequestTimeout: true },
  };
  return {
    database: libraries.lib.DynamoDBDocumentClient.from(new DynamoDBClient(settings), {
      marshallOptions: { removeUndefinedValues: true, convertEmptyValues: false },
      unmarshallOptions: { wrapNumbers: Number },
    }),
    files: new libraries.s3.S3Client({ ...settings, forcePathStyle: true }),
  };
}

async function serve(event: unknown): Promise<Readonly<Record<string, unknown>>> {
  const { statusCode, body } = await handler(event, invocationContext());
  if (statusCode >= 300) throw new Error(`a request of the bench failed: ${statusCode} ${body}`);
  return JSON.parse(body);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** A request, and the calls that it makes, each time about something new where it makes something. */
interface Pair {
  name: string;
  event: () => unknown;
  waves: () => readonly Wave[];
  repetitions: number;
}

const newId = () => `DOC-${randomBytes(6).toString("hex").toUpperCase()}`;

/** Records what a request calls once; every repetition of the bare side makes these calls. */
async function pairOf(name: string, event: unknown, repetitions: number): Promise<Pair> {
  let made: Readonly<Record<string, unknown>> = {};
  const waves = await recorded(shared as never, async () => {
    made = await serve(event);
  });
  const id = made.s3_location === undefined ? undefined : String(made.document_id);
  // Each call has an announcement of its own, but it is the same in all parts of a write.
  return {
    name,
    event: () => event,
    waves: () => (id === undefined ? waves : about(waves, [[id, newId()]])),
    repetitions,
  };
}

async function measure(pair: Pair, replay: Replay, repetitions: number): Promise<Samples> {
  const samples: Samples = { name: pair.name, served: [], bare: [] };
  for (let n = 0; n < repetitions; n += 1) {
    const event = pair.event();
    const waves = pair.waves();
    const sides = [
      ["served", () => serve(event)],
      ["bare", () => replay.make(waves)],
    ] as const;
    for (const [side, work] of n % 2 === 0 ? sides : sides.toReversed()) samples[side].push(await timed(work));
  }
  return samples;
}

async function run({
  projectId,
  writtenProjectId,
  credentials,
  repetitions,
  warmUp,
}: DocumentOrder): Promise<Samples[]> {
  const requests = new DocumentRequests(projectId, credentials);
  const writes = new DocumentRequests(writtenProjectId, credentials);
  const replay = new Replay(bareClients(), libraries);
  const { document_id: id } = await serve(writes.put(markdownOf(4_000)));
  const { document_id: large } = await serve(writes.put(markdownOf(1_000_000)));
  const few = Math.ceil(repetitions / 10);
  const pairs = [
    await pairOf("put, 4 KB", writes.put(markdownOf(4_000)), repetitions),
    await pairOf("get, 4 KB", requests.get(String(id)), repetitions),
    await pairOf("list, page of 50", requests.list(), repetitions),
    await pairOf("search by keyword", requests.search({ keyword: "rare" }), repetitions),
    await pairOf("search by words", requests.search({ text: "rare document" }), repetitions),
    await pairOf("put, 1 MB", writes.put(markdownOf(1_000_000)), few),
    await pairOf("get, 1 MB", requests.get(String(large)), few),
  ];
  const results: Samples[] = [];
  for (const pair of pairs) {
    await measure(pair, replay, Math.min(warmUp, pair.repetitions));
    results.push(await measure(pair, replay, pair.repetitions));
  }
  return results;
}

process.once("message", async (order: DocumentOrder) => {
  process.send?.(await run(order), () => process.disconnect());
});
