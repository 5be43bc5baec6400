/** The statuses of refusals after which a caller can do something, if it is told what. */
const TO_BE_EXPLAINED = new Set([409, 412, 422, 423, 428]);

interface Refusal {
  error_envelope?: { details?: { next_action?: unknown } };
}

/**
 * Every refusal that stands against the state of the data says in one sentence what to do next.
 * @throws Error for an answer that does not
 */
export function checkExplained(status: number, text: string): void {
  if (!TO_BE_EXPLAINED.has(status)) return;
  const nextAction = (JSON.parse(text) as Refusal).error_envelope?.details?.next_action;
  if (typeof nextAction === "string" && nextAction.trim() !== "") return;
  throw new Error(`a ${status} without error_envelope.details.next_action: ${text}`);
}
