import type { CodeResult, Difference, Inventory, ParityReport } from "./report.ts";
import type { Verdict } from "./verdict.ts";

/** A text of AWS or of a name in it must not end a cell of a table. */
const cell = (value: unknown) =>
  String(value ?? "-")
    .replaceAll("|", "\\|")
    .replaceAll(/\s+/g, " ");
const row = (...cells: readonly unknown[]) => `| ${cells.map(cell).join(" | ")} |`;
const short = (digest: string | null) => digest?.slice(0, 12);

function section(title: string, lines: readonly string[]): string[] {
  return lines.length > 0 ? ["", `## ${title}`, "", ...lines] : [];
}

function differenceLine(name: string, { field, expected, live }: Difference): string {
  const text = (value: unknown) => (value === undefined ? "" : JSON.stringify(value));
  return `- \`${name}\` ${field}: expected ${text(expected) || "as declared"}, live ${text(live) || "nothing"}`;
}

function codeLines(name: string, { error, artifact_findings }: CodeResult): string[] {
  return [
    ...(error ? [`- \`${name}\`: ${cell(error)}`] : []),
    ...artifact_findings.map(({ code, path, detail }) => `- \`${name}\` ${code} ${cell(path)}: ${cell(detail)}`),
  ];
}

/** The audit for people: `summary.md`, and the text of the alert. */
export function summaryOf(report: ParityReport, inventory: Inventory, { reasons }: Verdict, commit: string): string {
  const { results, layers, settings, unmanaged } = report;
  const differences = [
    ...results.flatMap((found) => found.config_differences.map((one) => differenceLine(found.function_name, one))),
    ...settings.flatMap((found) => found.config_differences.map((one) => differenceLine(found.name, one))),
  ];
  const code = [
    ...results.flatMap((found) => codeLines(found.function_name, found)),
    ...layers.flatMap((found) => codeLines(found.layer, found)),
  ];
  const warnings = inventory.inventory_warnings.map(
    ({ service, operation, error_code, region }) =>
      `- ${service} ${operation}${region ? ` in ${region}` : ""}: ${error_code}`,
  );
  const counts = Object.entries(inventory.resources).map(([kind, items]) => `${items.length} ${kind}`);
  return `${[
    "# What is live, compared with the repository",
    "",
    `Commit ${commit}, ${report.generated_at}, ${inventory.regions.join(", ")}.`,
    "",
    ...(reasons.length > 0 ? reasons.map((reason) => `- **${cell(reason)}**`) : ["Everything is as it is declared."]),
    ...section("Functions", [
      row("function", "code", "configuration", "repository", "live", "commit"),
      row("---", "---", "---", "---", "---", "---"),
      ...results.map((found) =>
        row(
          found.function_name,
          found.status,
          found.config_status,
          short(found.repo_digest),
          short(found.live_digest),
          short(found.live_commit_tag),
        ),
      ),
      ...layers.map((found) =>
        row(found.layer, found.status, "", short(found.repo_digest), short(found.live_digest), ""),
      ),
    ]),
    ...section("Settings that differ", differences),
    ...section("Code", code),
    ...section(
      "Live, and declared nowhere",
      unmanaged.map(({ kind, name, region }) => `- ${kind} \`${name}\` in ${region}`),
    ),
    ...section("Not looked at, for lack of rights", warnings),
    ...section("Found", [`${counts.join(", ")}.`]),
  ].join("\n")}\n`;
}
