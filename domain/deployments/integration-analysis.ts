import type { DeployRequest } from "./request.ts";

/** What is to be said of several requests that would be deployed together. */
export interface IntegrationAnalysis {
  status: "pass" | "warning" | "fail";
  file_overlaps: { file: string; request_ids: string[] }[];
  warnings: string[];
  /** How many overlaps and warnings are left out: a spec is a row of bounded size. */
  omitted?: number;
}

/** What was found, before it is cut to what a spec can hold. */
export interface Analysis {
  status: IntegrationAnalysis["status"];
  overlaps: { file: string; requestIds: string[] }[];
  warnings: string[];
  /** The requests that name a file in which the version stands, where more than one does. */
  clashing: ReadonlySet<string>;
}

/** Who names what; each request counts once however often it names it. */
function namedBy(
  requests: readonly DeployRequest[],
  names: (request: DeployRequest) => readonly string[] | undefined,
): [string, string[]][] {
  const by = new Map<string, Set<string>>();
  for (const request of requests) {
    for (const name of names(request) ?? []) {
      const ids = by.get(name) ?? new Set<string>();
      by.set(name, ids.add(request.request_id));
    }
  }
  return [...by].filter(([, ids]) => ids.size > 1).map(([name, ids]) => [name, [...ids]]);
}

function isVersionFile(file: string, configured: string | undefined): boolean {
  return file === configured || file.split("/").at(-1)?.toLowerCase() === "version.ts";
}

/**
 * Looks for what several requests have in common. Two that change a file in which the version stands cannot be deployed
 * together; any other file, or a record, that two of them name is worth a warning.
 * @param versionFile the configured file of the version, if there is one
 */
export function analyse(requests: readonly DeployRequest[], versionFile?: string): Analysis {
  const overlaps = namedBy(requests, ({ files_changed }) => files_changed).map(([file, requestIds]) => ({
    file,
    requestIds,
  }));
  const records = namedBy(requests, ({ related_record_ids }) => related_record_ids);
  const clashes = overlaps.filter(({ file }) => isVersionFile(file, versionFile));
  const warnings = [
    ...overlaps.map(({ file, requestIds }) => `File ${file} is changed by ${requestIds.length} requests.`),
    ...records.map(([id, ids]) => `Record ${id} is named by ${ids.length} requests.`),
  ];
  const status = clashes.length > 0 ? "fail" : warnings.length > 0 ? "warning" : "pass";
  return { status, overlaps, warnings, clashing: new Set(clashes.flatMap(({ requestIds }) => requestIds)) };
}

/** A spec says at most so much of what it was warned of. */
const MOST_LISTED = 100;

/** What a spec keeps of an analysis. */
export function recorded({ status, overlaps, warnings }: Analysis): IntegrationAnalysis {
  const listed = overlaps.slice(0, MOST_LISTED).map(({ file, requestIds }) => ({ file, request_ids: requestIds }));
  const told = warnings.slice(0, MOST_LISTED);
  const omitted = overlaps.length - listed.length + warnings.length - told.length;
  return { status, file_overlaps: listed, warnings: told, ...(omitted > 0 && { omitted }) };
}
