/**
 * Reads what a function with `ReportBatchItemFailures` returned.
 *
 * @returns the identifiers of the failed items (none: all succeeded), or `"all"` where AWS takes the whole batch for
 *   failed: an answer that is no object, or an identifier that is missing, empty or not of this batch.
 */
export function failedItems(answer: unknown, batch: readonly string[]): ReadonlySet<string> | "all" {
  if (answer === null || answer === undefined) return new Set();
  if (typeof answer !== "object" || Array.isArray(answer)) return "all";
  const failures: unknown = "batchItemFailures" in answer ? answer.batchItemFailures : undefined;
  if (failures === null || failures === undefined) return new Set();
  if (!Array.isArray(failures)) return "all";
  const known = new Set(batch);
  const failed = new Set<string>();
  for (const failure of failures) {
    const identifier: unknown = failure?.itemIdentifier;
    if (typeof identifier !== "string" || !known.has(identifier)) return "all";
    failed.add(identifier);
  }
  return failed;
}
