import type { AuthContext } from "@enceladus/shared/auth-context";
import { awsErrorName } from "@enceladus/shared/aws-errors";
import { DomainError } from "@enceladus/shared/errors";
import { canonicalHash } from "@enceladus/shared/hash";
import { newId } from "@enceladus/shared/ids";
import { log } from "@enceladus/shared/log";
import { type Claim, claim, type EarlierRun, keepAnswer, release } from "./idempotency-store.ts";
import type { Reply } from "./reply.ts";
import { shapeError } from "./shape-errors.ts";
import { packed, unpacked } from "./stored-answer.ts";

/** A call that its caller has given a key. */
export interface KeyedCall {
  key: string;
  caller: AuthContext;
  operationId: string;
  /** The values in the path; together with the operation they are method and path, however the path was spelt. */
  pathValues: readonly string[];
  query: Readonly<Record<string, string>>;
  /** The headers that the call depends on: asked under another condition it is another request. */
  conditions: Readonly<Record<string, string>>;
  body: Readonly<Record<string, unknown>>;
  /** Milliseconds until the function is ended. */
  remainingMs: number;
}

/** Keys of one agent may see different things: an answer that one of them got is not given to another. */
function identityOf(caller: AuthContext): string {
  return caller.mode === "agent-key" ? caller.keyId : caller.sub;
}

function claimOf(call: KeyedCall): Claim {
  const { key, caller, operationId, pathValues, query, conditions, body, remainingMs } = call;
  const { idempotency_key: _, ...asked } = body;
  return {
    id: canonicalHash([caller.mode, identityOf(caller), operationId, pathValues, key]),
    fingerprint: canonicalHash([query, conditions, asked]),
    run: newId(),
    deadline: Date.now() + remainingMs,
  };
}

/** What a call that was claimed before answers now. */
function replay(earlier: EarlierRun, mine: Claim): Reply {
  if (earlier.fingerprint !== mine.fingerprint) {
    throw new DomainError("IDEMPOTENCY_MISMATCH", "This Idempotency-Key was used for another request.", {
      next_action: "Send the request with a new key.",
    });
  }
  if (earlier.answer) return unpacked(earlier.answer);
  throw new DomainError(
    "IDEMPOTENCY_IN_FLIGHT",
    "The first request with this Idempotency-Key is still running.",
    { next_action: "Send the same request again in a second; it will get the answer of the first." },
    { retryAfterSeconds: 1 },
  );
}

async function claimOrUnavailable(mine: Claim): Promise<EarlierRun | undefined> {
  try {
    return await claim(mine);
  } catch (cause) {
    if (cause instanceof DomainError) throw cause;
    // The claim may stand, with only its answer lost; nobody should have to wait for its deadline.
    await release(mine).catch(() => undefined);
    throw new DomainError(
      "UNAVAILABLE",
      "It cannot be told whether this request was carried out before; nothing was done.",
      {},
      { retryAfterSeconds: 1, cause },
    );
  }
}

/** The effect is there, so the caller gets its answer, whatever becomes of the row: a repeat waits for the deadline. */
async function settle(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    log().error("idempotency_row_not_settled", { reason: awsErrorName(error), error: error as Error });
  }
}

/**
 * Makes a call once for its key: the first run's answer below 500 is kept for 24 hours and given again to whoever
 * repeats the request; after a failure of ours the request may be made again.
 * @param perform the call itself. It gets what stands for the call in every run of it, so that a run after a crash can
 *   recognise what an earlier one has written
 * @throws DomainError IDEMPOTENCY_MISMATCH, IDEMPOTENCY_IN_FLIGHT, UNAVAILABLE (the store of keys cannot be read; the
 *   call was not made), and what `perform` throws
 */
export async function answerOnce(call: KeyedCall, perform: (onceKey: string) => Promise<Reply>): Promise<Reply> {
  const mine = claimOf(call);
  const earlier = await claimOrUnavailable(mine);
  if (earlier) return replay(earlier, mine);
  const conclude = (given: Reply) =>
    settle(() => (given.status < 500 ? keepAnswer(mine, packed(given)) : release(mine)));
  let answer: Reply;
  try {
    answer = await perform(mine.id);
  } catch (error) {
    await conclude(shapeError(error));
    throw error;
  }
  await conclude(answer);
  return answer;
}
