import {
  CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
  DescribeUserPoolCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { errorText, isDenied } from "../service/aws-errors.ts";
import type { Surroundings } from "../template/references.ts";
import { resourcesOfType } from "../template/stack-template.ts";
import { compare, compareQueue, type Resolve, together } from "./config-parity.ts";
import { type Comparison, configStatus, type SettingsResult } from "./report.ts";

type Named = Pick<SettingsResult, "kind" | "name">;

const GONE = /NonExistentQueue|QueueDoesNotExist|ResourceNotFoundException/;

/** One thing's error must not keep the others from being looked at. */
async function settingsOf(thing: Named, ask: () => Promise<Comparison>): Promise<SettingsResult> {
  try {
    const found = await ask();
    return { ...thing, config_status: configStatus(found), config_differences: found.differences };
  } catch (error) {
    if (error instanceof Error && GONE.test(error.name)) {
      const config_differences = [{ field: "existence", expected: "present", live: "absent" }];
      return { ...thing, config_status: "CONFIG_DIFF", config_differences };
    }
    const text = errorText(error);
    // What cannot be asked for lack of rights is no drift; any other error is one until it is known not to be.
    const config_differences = isDenied(error) ? [] : [{ field: "answer", live: text }];
    return { ...thing, config_status: isDenied(error) ? "UNKNOWN" : "CONFIG_DIFF", config_differences, error: text };
  }
}

function queues({ region, template, physicalIds }: Surroundings, resolve: Resolve): Promise<SettingsResult>[] {
  // The address of a queue is its name here; who is asked is settled by the region.
  const client = new SQSClient({ region, useQueueUrlAsEndpoint: false });
  return resourcesOfType(template, "AWS::SQS::Queue").map(([id, { Properties = {} }]) => {
    const thing = { kind: "queue", name: String(Properties.QueueName) } as const;
    return settingsOf(thing, async () => {
      const QueueUrl = physicalIds.get(id);
      if (!QueueUrl) return { differences: [], unknown: ["existence"] };
      const { Attributes = {} } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }),
      );
      return compareQueue(Properties, Attributes, resolve);
    });
  });
}

function authentication({ region, physicalIds }: Surroundings): Promise<SettingsResult>[] {
  const client = new CognitoIdentityProviderClient({ region });
  const UserPoolId = physicalIds.get("UserPool");
  const ClientId = physicalIds.get("UserPoolClient");
  const unknown: Comparison = { differences: [], unknown: ["existence"] };
  return [
    settingsOf({ kind: "user_pool", name: UserPoolId ?? "UserPool" }, async () => {
      if (!UserPoolId) return unknown;
      const { UserPool } = await client.send(new DescribeUserPoolCommand({ UserPoolId }));
      const isForAdmins = UserPool?.AdminCreateUserConfig?.AllowAdminCreateUserOnly ?? false;
      return compare("AllowAdminCreateUserOnly", true, isForAdmins);
    }),
    settingsOf({ kind: "user_pool_client", name: ClientId ?? "UserPoolClient" }, async () => {
      if (!UserPoolId || !ClientId) return unknown;
      const { UserPoolClient } = await client.send(new DescribeUserPoolClientCommand({ UserPoolId, ClientId }));
      return together(
        compare("UserPoolId", UserPoolId, UserPoolClient?.UserPoolId),
        compare("has a secret", false, UserPoolClient?.ClientSecret !== undefined),
      );
    }),
  ];
}

/** Compares queues and the settings of the sign-in with what is declared. Without a stack all of it is unknown. */
export function settingsParity(surroundings: Surroundings, resolve: Resolve): Promise<SettingsResult[]> {
  return Promise.all([...queues(surroundings, resolve), ...authentication(surroundings)]);
}
