import { resourcesOf } from "../service/failure-queues.ts";
import type { ResolvedConfig, Settings } from "../service/resolved-config.ts";

/** What a stage needs of its account, by its resolved configuration. */
export interface Needs {
  parameters: Settings;
  secrets: readonly string[];
  tables: number;
  buckets: number;
  /** Invocations at once that are set aside for single functions. */
  reserved: number;
}

function namesOf(config: ResolvedConfig, type: string, property: string): string[] {
  return [...resourcesOf(config, type).values()].map((properties) => String(properties[property]));
}

/** @param params `key=value`, as a deploy would be told */
export function needsOf(config: ResolvedConfig, stage: string, params: readonly string[]): Needs {
  const declared = (config.params ?? {}) as Readonly<Record<string, Settings | undefined>>;
  const given = params.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]);
  const reserved = Object.values(config.functions).map(({ reservedConcurrency }) => Number(reservedConcurrency ?? 0));
  return {
    parameters: { ...declared.default, ...declared[stage], ...Object.fromEntries(given) },
    secrets: namesOf(config, "AWS::SecretsManager::Secret", "Name"),
    tables: namesOf(config, "AWS::DynamoDB::Table", "TableName").length,
    // The framework has one for its packages.
    buckets: namesOf(config, "AWS::S3::Bucket", "BucketName").length + 1,
    reserved: reserved.reduce((sum, count) => sum + count, 0),
  };
}
