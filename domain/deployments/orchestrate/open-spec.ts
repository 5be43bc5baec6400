import type { TransactItem } from "@enceladus/shared/dynamodb";
import { DomainError } from "@enceladus/shared/errors";
import { timestamp } from "@enceladus/shared/time";
import { idOfMoment } from "../ids.ts";
import { rowKeys } from "../keys.ts";
import type { DeployRequest } from "../request.ts";
import { includeRequest } from "../request-store.ts";
import type { NonUiSpec, UiSpec } from "../spec.ts";
import { putSpec } from "../spec-store.ts";
import { failed, transact } from "../transaction.ts";

/** What became of a spec that was to be written. */
export type Opened<Spec> =
  | { kind: "opened"; spec: Spec }
  /** The project was paused, its build taken or its version changed: nothing holds any more. */
  | { kind: "state-moved" }
  /** These requests are no longer pending. */
  | { kind: "requests-gone"; requestIds: string[] };

/** What of a spec depends on when it comes to be written. */
type Identity = Pick<UiSpec, "spec_id" | "record_id" | "record_type" | "created_at">;

/** A spec without that. */
export type SpecDraft<Spec extends UiSpec | NonUiSpec> = Omit<Spec, keyof Identity>;

const ID_ATTEMPTS = 100;

/**
 * Writes a spec, includes its requests and holds or takes the project's state, all of it or nothing: a message that
 * comes twice makes no second spec, and a request is in one spec.
 * @param stateItem the condition on the project's row, and what the spec takes of it
 * @throws DomainError INTERNAL_ERROR, UNAVAILABLE
 */
export async function openSpec<Draft extends SpecDraft<UiSpec> | SpecDraft<NonUiSpec>>(
  draft: Draft,
  requests: readonly DeployRequest[],
  stateItem: (specId: string, now: string) => TransactItem,
  now: number = Date.now(),
): Promise<Opened<Draft & Identity>> {
  for (let attempt = 1; attempt <= ID_ATTEMPTS; attempt += 1) {
    const specId = idOfMoment("SPEC", now, attempt);
    const identity: Identity = {
      spec_id: specId,
      record_id: rowKeys.spec(specId),
      record_type: "spec",
      created_at: timestamp(now),
    };
    const spec = { ...draft, ...identity };
    const included = requests.map((request) => includeRequest(request, specId));
    const outcome = await transact([stateItem(specId, timestamp(now)), putSpec(spec), ...included]);
    if (outcome.committed) return { kind: "opened", spec };
    const [state, own, ...others] = outcome.reasons;
    if (failed(state)) return { kind: "state-moved" };
    const gone = requests.filter((_, index) => failed(others[index])).map(({ request_id }) => request_id);
    if (gone.length > 0) return { kind: "requests-gone", requestIds: gone };
    if (!failed(own)) break;
  }
  throw new DomainError("INTERNAL_ERROR", "No free id was found for the spec.", {}, { retryable: true });
}
