import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { costDocument } from "./cost/document.ts";
import type { Standing } from "./cost/estimate.ts";
import { type CostFigures, figuresOf } from "./cost/figures.ts";
import { runsAMonth } from "./cost/schedule.ts";
import { REQUESTS_AN_HOUR } from "./cost/workload.ts";
import { resourcesOf } from "./service/failure-queues.ts";
import { writeOrCheck } from "./service/generated-files.ts";
import { type ResolvedConfig, ROOT, resolvedConfig, type Settings } from "./service/resolved-config.ts";

const DOCUMENT = "docs/cost.md";
const FIGURES = join(ROOT, "docs/cost-figures.json");

function list(value: unknown): Settings[] {
  return Array.isArray(value) ? (value as Settings[]) : [];
}

/** An alarm over an expression looks at the metrics in it. */
function metricsOf({ Metrics }: Settings): number {
  return Metrics === undefined ? 1 : list(Metrics).filter((metric) => "MetricStat" in metric).length;
}

/** What a stage has standing, as it is declared. */
export function standingOf(config: ResolvedConfig): Standing {
  const alarms = [...resourcesOf(config, "AWS::CloudWatch::Alarm").values()];
  const rules = Object.values(config.functions).flatMap(({ events }) =>
    list(events).map(({ eventBridge }) => (eventBridge as Settings | undefined)?.schedule),
  );
  return {
    alarmMetrics: alarms.reduce((metrics, alarm) => metrics + metricsOf(alarm), 0),
    secrets: resourcesOf(config, "AWS::SecretsManager::Secret").size,
    scheduledRuns: rules.reduce<number>((runs, rule) => runs + (typeof rule === "string" ? runsAMonth(rule) : 0), 0),
  };
}

if (import.meta.main) {
  const { from, check } = new Command("cost")
    .description("Writes docs/cost.md from the bench's figures, the declared alarms and schedules, and list prices")
    .option("--from <file>", "take the figures from results of the bench, and keep them in docs/cost-figures.json")
    .option("--check", "write nothing, fail when docs/cost.md is stale")
    .parse()
    .opts<{ from?: string; check?: boolean }>();
  if (from && !check) {
    const figures = figuresOf(JSON.parse(readFileSync(from, "utf8")), Object.keys(REQUESTS_AN_HOUR));
    writeFileSync(FIGURES, `${JSON.stringify(figures, null, 2)}\n`);
  }
  const figures = JSON.parse(readFileSync(FIGURES, "utf8")) as CostFigures;
  const text = costDocument(figures, standingOf(await resolvedConfig("prod")));
  writeOrCheck(new Map([[DOCUMENT, text]]), "cost", check);
}
