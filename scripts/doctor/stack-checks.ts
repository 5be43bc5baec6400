import { CloudFormationClient, DescribeStacksCommand, type Stack } from "@aws-sdk/client-cloudformation";
import { CognitoIdentityProviderClient, DescribeUserPoolCommand } from "@aws-sdk/client-cognito-identity-provider";
import {
  DescribeSecretCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { ListSubscriptionsByTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { isMissing } from "../deploy/deployed-stack.ts";
import { allPages } from "../parity-audit/pages.ts";
import { type Check, check, type Finding, ok, problem } from "./check.ts";

/** States out of which a stack is deployed again. */
const HEALTHY = /^(?:CREATE|UPDATE|IMPORT)(?:_ROLLBACK)?_COMPLETE$/;

export interface StackQuestion {
  stage: string;
  region: string;
  secrets: readonly string[];
}

async function describe(region: string, StackName: string): Promise<Stack | undefined> {
  try {
    const { Stacks } = await new CloudFormationClient({ region }).send(new DescribeStacksCommand({ StackName }));
    return Stacks?.[0];
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

const notDeployed = (stage: string): Finding => ({
  status: "not_deployed",
  detail: `not deployed yet: npm run deploy -- --stage ${stage}`,
});

function stackFinding(stack: Stack | undefined, stage: string): Finding {
  if (!stack) return notDeployed(stage);
  const { StackStatus = "unknown" } = stack;
  if (HEALTHY.test(StackStatus)) return ok(StackStatus);
  const isBusy = StackStatus.endsWith("_IN_PROGRESS");
  const fix = isBusy ? "Wait until it is done." : "Look at its events, mend what failed, and deploy again.";
  return problem(`it is in the state ${StackStatus}`, fix);
}

async function userPool(region: string, UserPoolId: string): Promise<Finding> {
  const client = new CognitoIdentityProviderClient({ region });
  const { UserPool } = await client.send(new DescribeUserPoolCommand({ UserPoolId }));
  if (UserPool?.AdminCreateUserConfig?.AllowAdminCreateUserOnly) {
    return ok(`${UserPoolId}, ${UserPool.EstimatedNumberOfUsers ?? 0} users, made by administrators only`);
  }
  return problem(`anybody may sign up at ${UserPoolId}`, "Somebody has changed it by hand: deploy the stack again.");
}

async function secret(region: string, SecretId: string, stage: string): Promise<Finding> {
  try {
    const found = await new SecretsManagerClient({ region }).send(new DescribeSecretCommand({ SecretId }));
    if (!found.DeletedDate) return ok("it exists; its value was not looked at");
    return problem(
      "it is to be deleted",
      `aws secretsmanager restore-secret --secret-id ${SecretId} --region ${region}`,
    );
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
    return problem("it does not exist", `Deploy the stack again: npm run deploy -- --stage ${stage}`);
  }
}

async function alerts(TopicArn: string): Promise<Finding> {
  const client = new SNSClient({ region: TopicArn.split(":")[3] });
  const subscriptions = await allPages(async (NextToken) => {
    const answer = await client.send(new ListSubscriptionsByTopicCommand({ TopicArn, NextToken }));
    return { items: answer.Subscriptions ?? [], next: answer.NextToken };
  });
  const confirmed = subscriptions.filter(({ SubscriptionArn }) => SubscriptionArn?.startsWith("arn:")).length;
  if (confirmed > 0) return ok(`${confirmed} subscriptions`);
  if (subscriptions.length > 0) return problem("nobody has confirmed a subscription", "Follow the link in the mail.");
  return problem(
    "nobody hears of alarms",
    `aws sns subscribe --topic-arn ${TopicArn} --protocol email --notification-endpoint you@example.com`,
  );
}

/** How what comes into being with the stack stands. */
export async function stackChecks({ stage, region, secrets }: StackQuestion): Promise<Check[]> {
  let stack: Stack | undefined;
  let asked = false;
  const first = await check("stack", async () => {
    stack = await describe(region, `enceladus-${stage}`);
    asked = true;
    return stackFinding(stack, stage);
  });
  if (!asked) return [first];
  const outputs = new Map(stack?.Outputs?.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  const of = (what: string, output: string, ask: (value: string) => Promise<Finding>) =>
    check(what, async () => {
      const value = outputs.get(output);
      return value ? ask(value) : notDeployed(stage);
    });
  const rest = await Promise.all([
    of("user pool", "UserPoolId", (id) => userPool(region, id)),
    ...secrets.map((name) =>
      check(`secret ${name}`, async () => (stack ? secret(region, name, stage) : notDeployed(stage))),
    ),
    of("alerts", "AlertsTopicArn", alerts),
  ]);
  return [first, ...rest];
}
