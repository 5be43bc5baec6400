import { isDeepStrictEqual } from "node:util";
import { UserError } from "../api/user-error.ts";
import type { StackTemplate, TemplateResource } from "../template/stack-template.ts";

/** What holds data, with the properties whose change makes CloudFormation put an empty one in its place (or give up). */
const HOLDERS: Readonly<Record<string, readonly string[]>> = {
  "AWS::DynamoDB::Table": ["TableName", "KeySchema", "LocalSecondaryIndexes", "ImportSourceSpecification"],
  "AWS::SQS::Queue": ["QueueName", "FifoQueue"],
  "AWS::S3::Bucket": ["BucketName", "ObjectLockEnabled"],
  "AWS::Cognito::UserPool": ["AliasAttributes", "UsernameAttributes", "UsernameConfiguration"],
};

/** Data that a deploy would lose, or leave behind where nothing finds it. */
export interface Loss {
  logicalId: string;
  type: string;
  /** What becomes of it. */
  what: string;
}

type Attributes = readonly { AttributeName?: unknown; AttributeType?: unknown }[];

/** A key whose type changes makes a new table; a new attribute of an index does not. */
function retypedAttribute(before: TemplateResource, after: TemplateResource): string | undefined {
  const typesOf = ({ Properties }: TemplateResource) => {
    const attributes = (Properties?.AttributeDefinitions ?? []) as Attributes;
    return new Map(attributes.map(({ AttributeName, AttributeType }) => [AttributeName, AttributeType]));
  };
  const types = typesOf(after);
  const retyped = [...typesOf(before)].find(([name, type]) => types.has(name) && types.get(name) !== type);
  return retyped && `the type of the attribute ${String(retyped[0])}`;
}

function replacedBecause(before: TemplateResource, after: TemplateResource): string | undefined {
  if (after.Type !== before.Type) return `its type, now ${after.Type}`;
  const changed = (HOLDERS[before.Type] ?? []).find(
    (name) => !isDeepStrictEqual(before.Properties?.[name], after.Properties?.[name]),
  );
  return changed ?? retypedAttribute(before, after);
}

/** The tables, queues, buckets and user pools that a deploy of another template would remove or replace. */
export function losses(deployed: StackTemplate, packaged: StackTemplate): Loss[] {
  return Object.entries(deployed.Resources).flatMap(([logicalId, before]) => {
    if (!(before.Type in HOLDERS)) return [];
    const after = packaged.Resources[logicalId];
    const because = after && replacedBecause(before, after);
    if (after && !because) return [];
    const what = because ? `would be replaced by an empty one, because of ${because}` : "would be removed";
    return [{ logicalId, type: before.Type, what }];
  });
}

/**
 * @param allowed logical ids of what may go
 * @throws UserError that lists what would be lost, and says how to go on
 */
export function refuseLosses(found: readonly Loss[], allowed: readonly string[]): void {
  const refused = found.filter(({ logicalId }) => !allowed.includes(logicalId));
  if (refused.length === 0) return;
  const lines = refused.map(({ logicalId, type, what }) => `  ${logicalId} (${type}) ${what}`);
  const flags = refused.map(({ logicalId }) => `--allow-removal ${logicalId}`).join(" ");
  throw new UserError(
    `Nothing was deployed, because data would be lost or left behind:\n${lines.join("\n")}\n` +
      `Put it back as it was; or, if its data is saved or not needed: npm run deploy -- ... ${flags}`,
  );
}
