import type { CostFigures } from "./figures.ts";
import { PRICES, type PriceName } from "./prices.ts";
import { BYTES_A_CHANGE, DOCUMENTS_AN_HOUR, HOURS_A_MONTH, LOG_BYTES_A_REQUEST, REQUESTS_AN_HOUR } from "./workload.ts";

/** What is there whether anybody works or not. */
export interface Standing {
  /** Metrics that alarms look at. */
  alarmMetrics: number;
  secrets: number;
  /** Runs of schedules, a month. */
  scheduledRuns: number;
}

/** A line of the bill, for a month. */
export interface Line {
  price: PriceName;
  what: string;
  quantity: number;
  usd: number;
}

const GIGABYTE = 1024 ** 3;
const MEMORY_GB = 0.25;
const SCHEDULED_SECONDS = 0.5;
const MINUTES_A_MONTH = 730 * 60;
/** Lambda asks a queue at five places, and each question waits for 20 seconds. */
const QUEUE_QUESTIONS = 5 * 3 * MINUTES_A_MONTH;
/** Row, history entry, body of a loose one settled: each in two units of a transaction. */
const UNITS_A_DOCUMENT = { read: 2, write: 12 };
/** The audit of a change, a batch of which is one call of its function. */
const AUDITED_A_CALL = 25;

function sum(values: Iterable<number>): number {
  return [...values].reduce((total, value) => total + value, 0);
}

/** What a crowd takes in a month. */
function usage(agents: number, figures: CostFigures) {
  const hours = agents * HOURS_A_MONTH;
  const requests = Object.entries(REQUESTS_AN_HOUR).map(([name, anHour]) => {
    const figure = figures.requests[name];
    if (!figure) throw new Error(`there are no figures of ${name}`);
    return { ...figure, times: anHour * hours };
  });
  const written = DOCUMENTS_AN_HOUR.written * hours;
  const read = DOCUMENTS_AN_HOUR.read * hours;
  const changes = sum(requests.filter(({ write }) => write > 0).map(({ times }) => times));
  const times = sum(requests.map((request) => request.times)) + written + read;
  const slowest = Math.max(...requests.map(({ milliseconds }) => milliseconds));
  const milliseconds =
    sum(requests.map((request) => request.milliseconds * request.times)) + slowest * (written + read);
  return {
    requests: times,
    audits: changes / AUDITED_A_CALL + written,
    seconds: milliseconds / 1_000,
    readUnits: sum(requests.map((request) => request.read * request.times)) + UNITS_A_DOCUMENT.read * (written + read),
    writeUnits: sum(requests.map((request) => request.write * request.times)) + UNITS_A_DOCUMENT.write * written,
    changes: changes + written,
    documentsWritten: written,
    documentsRead: read,
  };
}

/**
 * The bill of a month, by list price and without a free tier.
 * @param agents how many work their hours
 * @throws Error when a request has no figures
 */
export function bill(agents: number, figures: CostFigures, standing: Standing): Line[] {
  const used = usage(agents, figures);
  const invocations = used.requests + used.audits + standing.scheduledRuns;
  const seconds = used.seconds + (used.audits + standing.scheduledRuns) * SCHEDULED_SECONDS;
  // What has come together in a year: the tables keep everything.
  const tableGb = (used.changes * 12 * BYTES_A_CHANGE) / GIGABYTE;
  const quantities: readonly [PriceName, string, number][] = [
    ["httpApiRequest", "requests to the API", used.requests],
    ["lambdaRequest", "calls of functions", invocations],
    ["lambdaGbSecond", "GB-seconds of functions, with 256 MB each", seconds * MEMORY_GB],
    ["dynamodbReadUnit", "read units", used.readUnits],
    ["dynamodbWriteUnit", "write units", used.writeUnits],
    ["dynamodbGbMonth", "GB in tables, after a year", tableGb],
    ["dynamodbRecoveryGbMonth", "GB that can be brought back", tableGb],
    ["s3Put", "bodies put into the bucket", used.documentsWritten],
    ["s3Get", "bodies read", used.documentsRead + used.documentsWritten],
    ["sqsRequest", "questions to the queue of deployments", QUEUE_QUESTIONS],
    ["logsGb", "GB of logs", (invocations * LOG_BYTES_A_REQUEST) / GIGABYTE],
    ["alarmMetricMonth", "metrics of alarms", standing.alarmMetrics],
    ["secretMonth", "secrets", standing.secrets],
  ];
  return quantities.map(([price, what, quantity]) => ({ price, what, quantity, usd: quantity * PRICES[price].usd }));
}

/** The sum of a bill. */
export function total(lines: readonly Line[]): number {
  return sum(lines.map(({ usd }) => usd));
}
