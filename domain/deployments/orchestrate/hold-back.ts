import { timestamp } from "@enceladus/shared/time";
import pLimit from "p-limit";
import { analyse } from "../integration-analysis.ts";
import type { DeployRequest } from "../request.ts";
import { blockRequest, rejectRequest } from "../request-store.ts";

const AT_ONCE = 10;

/** Says on requests why they are passed over; they stay pending. @throws DomainError INTERNAL_ERROR */
export async function holdBack(requests: readonly DeployRequest[], reason: string): Promise<void> {
  const limit = pLimit(AT_ONCE);
  const now = timestamp();
  await Promise.all(requests.map((request) => limit(blockRequest, request, reason, now)));
}

/** Rejects requests for good, each with its reason. @throws DomainError INTERNAL_ERROR */
export async function rejectAll(requests: readonly (readonly [DeployRequest, string])[]): Promise<void> {
  const limit = pLimit(AT_ONCE);
  const now = timestamp();
  await Promise.all(requests.map(([request, reason]) => limit(rejectRequest, request, reason, now)));
}

const CLASH = "Several pending requests change the file of the version; cancel all but one of them.";

/**
 * Holds requests back that cannot be deployed together, which the others of their type have to wait for.
 * @param group all pending requests of one type
 * @returns the reason; undefined where all of them go together
 * @throws DomainError INTERNAL_ERROR
 */
export async function holdBackClashing(
  group: readonly DeployRequest[],
  versionFile?: string,
): Promise<string | undefined> {
  const { status, clashing } = analyse(group, versionFile);
  if (status !== "fail") return undefined;
  await holdBack(
    group.filter(({ request_id }) => clashing.has(request_id)),
    CLASH,
  );
  return CLASH;
}
