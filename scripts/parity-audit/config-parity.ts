import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { EventSourceMappingConfiguration, FunctionConfiguration } from "@aws-sdk/client-lambda";
import { UNKNOWN } from "../template/references.ts";
import type { Comparison } from "./report.ts";

type Settings = Readonly<Record<string, unknown>>;
/** Puts in what a part of the template refers to; UNKNOWN where it cannot be known. */
export type Resolve = (value: unknown) => unknown;

const nothing = (): Comparison => ({ differences: [], unknown: [] });
const settings = (value: unknown): Settings => (typeof value === "object" && value !== null ? (value as Settings) : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const hash = (value: unknown) => createHash("sha256").update(String(value)).digest("hex");

export function together(...comparisons: readonly Comparison[]): Comparison {
  return {
    differences: comparisons.flatMap(({ differences }) => differences),
    unknown: comparisons.flatMap(({ unknown }) => unknown),
  };
}

/** Compares one setting. */
export function compare(field: string, expected: unknown, live: unknown): Comparison {
  if (expected === UNKNOWN) return { differences: [], unknown: [field] };
  if (isDeepStrictEqual(expected, live)) return nothing();
  return { differences: [{ field, expected: expected ?? null, live: live ?? null }], unknown: [] };
}

/** By hashes: a value may be a secret that somebody has put there by hand, so neither is ever told. */
function compareEnvironment(expected: Settings, live: Readonly<Record<string, string>>, resolve: Resolve): Comparison {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(live)])].sort();
  return together(
    ...names.map((name) => {
      const field = `environment.${name}`;
      if (!(name in expected)) return { differences: [{ field, expected: "absent", live: "present" }], unknown: [] };
      if (!(name in live)) return { differences: [{ field, expected: "present", live: "absent" }], unknown: [] };
      const value = resolve(expected[name]);
      if (value === UNKNOWN) return { differences: [], unknown: [field] };
      if (hash(value) === hash(live[name])) return nothing();
      return { differences: [{ field, live: "another value" }], unknown: [] };
    }),
  );
}

/** Compares what the template declares of a function with what Lambda says of it. */
export function compareFunction(declared: Settings, live: FunctionConfiguration, resolve: Resolve): Comparison {
  const layers = live.Layers?.map(({ Arn }) => Arn) ?? [];
  const { Variables: expected } = settings(declared.Environment);
  return together(
    compare("handler", declared.Handler, live.Handler),
    compare("runtime", declared.Runtime, live.Runtime),
    compare("architecture", list(declared.Architectures)[0] ?? "x86_64", live.Architectures?.[0] ?? "x86_64"),
    compare("timeout", declared.Timeout, live.Timeout),
    compare("memory", declared.MemorySize, live.MemorySize),
    compare("role", resolve(declared.Role), live.Role),
    compare("layers", resolve(declared.Layers ?? []), layers),
    compareEnvironment(settings(expected), live.Environment?.Variables ?? {}, resolve),
  );
}

/** The address of a stream without the time at which it was switched on. */
const sourceOf = (arn: unknown) => String(arn).replace(/\/stream\/.*$/, "/stream");

const isOn = (state: string | undefined) => ["Enabled", "Enabling", "Creating", "Updating"].includes(state ?? "");

/** What a mapping is declared with, and how Lambda tells it. */
const MAPPING_FIELDS: Readonly<Record<string, (live: EventSourceMappingConfiguration) => unknown>> = {
  BatchSize: ({ BatchSize }) => BatchSize,
  Enabled: ({ State }) => isOn(State),
  MaximumBatchingWindowInSeconds: ({ MaximumBatchingWindowInSeconds }) => MaximumBatchingWindowInSeconds ?? 0,
  MaximumRetryAttempts: ({ MaximumRetryAttempts }) => MaximumRetryAttempts,
  BisectBatchOnFunctionError: ({ BisectBatchOnFunctionError }) => BisectBatchOnFunctionError ?? false,
  FunctionResponseTypes: ({ FunctionResponseTypes }) => FunctionResponseTypes ?? [],
  ParallelizationFactor: ({ ParallelizationFactor }) => ParallelizationFactor,
  FilterCriteria: ({ FilterCriteria }) => ({
    Filters: FilterCriteria?.Filters?.map(({ Pattern }) => ({ Pattern })) ?? [],
  }),
  DestinationConfig: ({ DestinationConfig }) => {
    return { OnFailure: { Destination: DestinationConfig?.OnFailure?.Destination } };
  },
};

function compareMapping(declared: Settings, live: EventSourceMappingConfiguration, resolve: Resolve): Comparison {
  const fields = Object.entries(MAPPING_FIELDS).filter(([name]) => name in declared);
  return together(
    ...fields.map(([name, told]) => compare(`event_source.${name}`, resolve(declared[name]), told(live))),
  );
}

/**
 * Compares the queues and streams that call a function.
 * @param live undefined where one may not ask
 */
export function compareMappings(
  declared: readonly Settings[],
  live: readonly EventSourceMappingConfiguration[] | undefined,
  resolve: Resolve,
): Comparison {
  if (!live) return { differences: [], unknown: ["event_sources"] };
  const sources = declared.map(({ EventSourceArn }) => resolve(EventSourceArn));
  if (sources.includes(UNKNOWN)) return { differences: [], unknown: ["event_sources"] };
  const liveSources = live.map(({ EventSourceArn }) => sourceOf(EventSourceArn));
  const pairs = declared.map((mapping, at) => {
    const found = live[liveSources.indexOf(sourceOf(sources[at]))];
    return found ? compareMapping(mapping, found, resolve) : nothing();
  });
  return together(compare("event_sources", sources.map(sourceOf).sort(), liveSources.sort()), ...pairs);
}

/** What a queue is declared with, and Lambda's neighbours tell as text. */
const QUEUE_FIELDS = [
  "ContentBasedDeduplication",
  "DelaySeconds",
  "FifoQueue",
  "MessageRetentionPeriod",
  "ReceiveMessageWaitTimeSeconds",
  "SqsManagedSseEnabled",
  "VisibilityTimeout",
] as const;

/** Compares the attributes of a queue that are declared. */
export function compareQueue(
  declared: Settings,
  live: Readonly<Record<string, string | undefined>>,
  resolve: Resolve,
): Comparison {
  const fields = QUEUE_FIELDS.filter((name) => name in declared);
  const redrive = live.RedrivePolicy === undefined ? undefined : (JSON.parse(live.RedrivePolicy) as unknown);
  return together(
    ...fields.map((name) => compare(name, String(declared[name]), live[name])),
    compare("RedrivePolicy", resolve(declared.RedrivePolicy), redrive),
  );
}
