import type { Check, Status } from "./check.ts";

const WORDS: Readonly<Record<Status, string>> = {
  ok: "ok",
  problem: "PROBLEM",
  unknown: "unknown",
  not_deployed: "-",
};

/** The checks for people, one below the other; what to do stands below what it is about. */
export function table(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ what }) => what.length));
  const lines = checks.flatMap(({ what, status, detail, fix }) => {
    const head = `${WORDS[status].padEnd(9)}${what.padEnd(width + 2)}`;
    return [`${head}${detail}`, ...(fix ? [`${" ".repeat(head.length)}-> ${fix}`] : [])];
  });
  return lines.join("\n");
}
