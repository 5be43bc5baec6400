import type { CodeStatus, Inventory, ParityReport } from "./report.ts";

/** What an audit ends with. */
export const EXIT = { fine: 0, failed: 1, drift: 2 } as const;

const DRIFT: readonly CodeStatus[] = [
  "DIFF",
  "MISSING_LIVE_FUNCTION",
  "MISSING_REPO_ENTRY",
  "MISSING_LIVE_ENTRY",
  "ERROR",
];
const COMPARED: readonly CodeStatus[] = ["MATCH", "DIFF", "MISSING_LIVE_ENTRY"];

export interface Verdict {
  code: number;
  /** One line for each thing that is wrong. */
  reasons: string[];
}

/** Judges an audit. Missing rights alone are no drift, but an audit that has seen nothing is not a good one. */
export function verdictOf(report: ParityReport, inventory: Inventory, failOnDrift: boolean): Verdict {
  const { stats, results, layers } = report;
  const counted = [...DRIFT, "CONFIG_DIFF", "UNMANAGED", "ARTIFACT_FINDINGS"] as const;
  const drift = counted.filter((what) => stats[what] > 0).map((what) => `${stats[what]} ${what}`);
  const driftedLayers = layers.filter(({ status }) => DRIFT.includes(status));
  drift.push(...driftedLayers.map(({ layer, status }) => `${status} of the layer ${layer}`));
  const isBlind = !results.some(({ status }) => COMPARED.includes(status));
  const reasons = [
    ...inventory.failures,
    ...drift,
    ...(isBlind ? ["no function could be compared: may the role of the audit ask?"] : []),
  ];
  if (inventory.failures.length > 0) return { code: EXIT.failed, reasons };
  const isDrift = isBlind || (failOnDrift && drift.length > 0);
  return { code: isDrift ? EXIT.drift : EXIT.fine, reasons };
}
