import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Program, programOf, runFresh } from "../packages/fresh-process.ts";
import { gatewayEvent, httpRoute, pathOf } from "../packages/gateway-event.ts";
import { packageService } from "../packages/package-service.ts";
import { cookieOf, newPerson, programFor } from "../packages/signed-in.ts";
import { type UnpackedFunction, unpackService } from "../packages/unpack.ts";
import { viewerEvent } from "../packages/viewer-event.ts";
import { bareBundle } from "./bare-bundle.ts";
import { type ItemEndpoint, itemEndpoint } from "./item-endpoint.ts";

const KEY = "the-internal-key-of-this-measurement";

/** A read that takes one item, for the functions that have one which the internal key opens. */
const FIRST_READS: Readonly<Record<string, { path: string; query?: Readonly<Record<string, string>> }>> = {
  trackerMutation: { path: "/api/v1/tracker/alpha/task/ALP-TSK-001" },
  documentApi: { path: "/api/v1/documents/DOC-0A1B2C3D4E5F", query: { include_content: "false" } },
};

/** Milliseconds, the median of all runs. */
export interface ColdStart {
  /** From the start of the process until the handler is loaded. */
  loadMs: number;
  /** From the start of the process to the first answer. */
  answerMs: number;
}

export interface FunctionColdStart extends ColdStart {
  key: string;
  zipBytes: number;
  unzippedBytes: number;
  /** What was asked first, and what came: `GET /path: 200`. */
  request: string;
  /** Both against the bare bundle, up to the same point: when it is loaded, when it has answered with its GetItem. */
  loadRatio: number;
  answerRatio: number;
}

export interface ColdStarts {
  runs: number;
  bare: ColdStart & { bytes: number };
  layer: { zipBytes: number; unzippedBytes: number };
  functions: FunctionColdStart[];
}

export interface MeasureOptions {
  /** How often each is started; default 11. */
  runs?: number;
  /** The DynamoDB that both sides read from; by default one that answers every GetItem at once. */
  endpoint?: string;
  /** Keys of the functions to measure; default all. */
  only?: readonly string[];
}

/** The middle of a list of numbers. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? Number.NaN) + upper) / 2 : upper;
}

interface Contestant {
  program: Program;
  events: unknown[];
  request: string;
}

/** At the edge the common case is a person with a token; the keys to verify it are at hand at once. */
function edgeContestant(found: UnpackedFunction): Contestant {
  const person = newPerson();
  const uri = "/enceladus/";
  const events = [viewerEvent({ uri, headers: { cookie: cookieOf(person.good) } })];
  return { program: programFor(person, found, ""), events, request: `GET ${uri} with a token` };
}

function contestantOf(found: UnpackedFunction, nodePath: string, endpoint: string): Contestant {
  if (found.isAtTheEdge) return edgeContestant(found);
  const read = FIRST_READS[found.key];
  const route = found.events.map(httpRoute).find((each) => each?.method === "GET");
  const path = read?.path ?? (route ? pathOf(route.path) : "/api/v1/nowhere");
  const headers: Record<string, string> = read ? { "x-coordination-internal-key": KEY } : {};
  const isHttp = found.events.some((event) => httpRoute(event));
  return {
    program: programOf(found, nodePath, {
      AWS_ENDPOINT_URL_DYNAMODB: endpoint,
      AWS_ACCESS_KEY_ID: "none",
      AWS_SECRET_ACCESS_KEY: "none",
      COORDINATION_INTERNAL_API_KEY: KEY,
      INTERNAL_KEY_SECRET: "",
    }),
    events: isHttp ? [gatewayEvent({ method: "GET", path, headers, ...(read?.query && { query: read.query }) })] : [],
    request: isHttp ? `GET ${path}` : "load",
  };
}

/** The status of an answer; a request that the edge forwards has none. */
function outcomeOf(answer: Readonly<Record<string, unknown>> | undefined): string {
  if (!answer) return "loaded";
  return String(answer.statusCode ?? answer.status ?? (answer.uri ? "forwarded" : "answered"));
}

/** Starts everybody in turn, so that whatever else the machine does at a time falls on all alike. */
async function takeTurns(contestants: readonly Contestant[], runs: number) {
  const measured = contestants.map(() => ({ load: [] as number[], answer: [] as number[], status: "" }));
  for (let run = 0; run <= runs; run += 1) {
    for (const [index, { program, events, request }] of contestants.entries()) {
      const { loadMs, answerMs, answers, exitCode, errors } = await runFresh(program, events);
      if (exitCode !== 0) throw new Error(`${request} failed: ${errors}`);
      const into = measured[index];
      // The first round fills the caches of the file system.
      if (!into || run === 0) continue;
      into.load.push(loadMs);
      into.answer.push(answerMs);
      into.status = outcomeOf(answers[0]);
    }
  }
  return measured.map(({ load, answer, status }) => ({ loadMs: median(load), answerMs: median(answer), status }));
}

async function measure(directory: string, endpoint: string, { runs = 11, only }: MeasureOptions): Promise<ColdStarts> {
  const service = unpackService(await packageService(join(directory, "packages")), directory);
  const functions = service.functions.filter(({ key }) => !only || only.includes(key));
  const bareProgram = await bareBundle(directory);
  const environment = { AWS_ENDPOINT_URL_DYNAMODB: endpoint, AWS_ACCESS_KEY_ID: "none", AWS_SECRET_ACCESS_KEY: "none" };
  const bare: Contestant = {
    program: { ...bareProgram, environment: { ...bareProgram.environment, ...environment } },
    events: [{}],
    request: "GetItem",
  };
  const contestants = [bare, ...functions.map((found) => contestantOf(found, service.nodePath, endpoint))];
  const [bareTimes, ...times] = await takeTurns(contestants, runs);
  if (!bareTimes) throw new Error("nothing was measured");
  const { loadMs, answerMs } = bareTimes;
  return {
    runs,
    bare: { loadMs, answerMs, bytes: statSync(bareProgram.file).size },
    layer: { zipBytes: service.layerZipBytes, unzippedBytes: service.layerUnzippedBytes },
    functions: functions.map((found, index) => {
      const own = times[index] ?? { loadMs: Number.NaN, answerMs: Number.NaN, status: "" };
      return {
        key: found.key,
        zipBytes: found.zipBytes,
        unzippedBytes: found.unzippedBytes,
        request: `${contestants[index + 1]?.request}: ${own.status}`,
        loadMs: own.loadMs,
        answerMs: own.answerMs,
        loadRatio: own.loadMs / loadMs,
        answerRatio: own.answerMs / answerMs,
      };
    }),
  };
}

/**
 * Measures cold starts: each packaged function, unpacked as Lambda does it, in new processes up to the first answer,
 * against a bare bundle that makes one GetItem. A function with a read that takes one item is asked for it, so that both
 * do the same work; the edge verifies a token; any other is asked without a credential and refuses before it calls
 * anything, which leaves the ratio of the loads to look at.
 */
export async function measureColdStarts(options: MeasureOptions = {}): Promise<ColdStarts> {
  const directory = mkdtempSync(join(tmpdir(), "enceladus-size-"));
  const own: ItemEndpoint | undefined = options.endpoint ? undefined : await itemEndpoint();
  try {
    return await measure(directory, options.endpoint ?? own?.url ?? "", options);
  } finally {
    own?.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}
