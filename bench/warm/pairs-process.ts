import type * as dynamodb from "@aws-sdk/client-dynamodb";
import type * as lib from "@aws-sdk/lib-dynamodb";
import { fromLayer, invocationContext, loadHandler } from "../packaged-function.ts";
import { TrackerRequests } from "../requests.ts";
import { BareTracker } from "./bare-tracker.ts";
import { claimPairsOf, type Pair, pairsOf, type Side } from "./pairs.ts";
import type { Samples, WarmOrder } from "./protocol.ts";
import { checkSameCalls } from "./same-calls.ts";

const handler = loadHandler();
const library = fromLayer<typeof lib>("@aws-sdk/lib-dynamodb");
const { DynamoDBClient } = fromLayer<typeof dynamodb>("@aws-sdk/client-dynamodb");
const shared = fromLayer<{ dynamodb: () => lib.DynamoDBDocumentClient }>("@enceladus/shared/dynamodb");

/** A client with the settings of the tracker's, over the same build of the SDK. */
function bareClient(): lib.DynamoDBDocumentClient {
  return library.DynamoDBDocumentClient.from(
    new DynamoDBClient({
      maxAttempts: 5,
      requestHandler: { connectionTimeout: 3_000, requestTimeout: 4_000, throwOnRequestTimeout: true },
    }),
    {
      marshallOptions: { removeUndefinedValues: true, convertEmptyValues: false },
      unmarshallOptions: { wrapNumbers: Number },
    },
  );
}

async function serve(event: unknown): Promise<void> {
  const { statusCode, body } = await handler(event, invocationContext());
  if (statusCode >= 300) throw new Error(`a request of the bench failed: ${statusCode} ${body}`);
}

async function timed(side: Side, n: number): Promise<number> {
  await side.before?.(n);
  const call = side.call(n);
  const startedAt = performance.now();
  await call();
  const milliseconds = performance.now() - startedAt;
  await side.after?.(n);
  return milliseconds;
}

/** Measures both sides in turn, the other one first each time: what disturbs the machine disturbs both. */
async function measure({ name, served, bare }: Pair, repetitions: number): Promise<Samples> {
  const samples: Samples = { name, served: [], bare: [] };
  for (let n = 0; n < repetitions; n += 1) {
    const order = n % 2 === 0 ? (["served", "bare"] as const) : (["bare", "served"] as const);
    for (const side of order) samples[side].push(await timed(side === "served" ? served : bare, n));
  }
  return samples;
}

async function run(order: WarmOrder): Promise<Samples[]> {
  const client = bareClient();
  const bare = new BareTracker(client, library, order.tables, order.bareProject, order.principal);
  const requests = new TrackerRequests(order.servedProject, order.credentials);
  const pairs = order.compares === "calls" ? pairsOf(serve, requests, bare) : claimPairsOf(serve, requests, bare);
  const results: Samples[] = [];
  for (const pair of pairs) {
    await measure(pair, order.warmUp);
    if (order.compares === "calls") {
      await checkSameCalls(pair, { served: shared.dynamodb(), bare: client }, order.warmUp);
    }
    results.push(await measure(pair, order.repetitions));
  }
  return results;
}

process.once("message", async (order: WarmOrder) => {
  process.send?.(await run(order), () => process.disconnect());
});
