import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { type DeclaredParameters, parameterProblems } from "../deploy/parameters.ts";
import type { ResolvedConfig } from "../service/resolved-config.ts";
import { accountChecks } from "./account-checks.ts";
import { type Check, ok, problem } from "./check.ts";
import { needsOf } from "./declared.ts";
import { stackChecks } from "./stack-checks.ts";

export interface Examined {
  stage: string;
  region: string;
  /** `key=value`. */
  params: readonly string[];
}

function parameterChecks(asked: Examined, config: ResolvedConfig): Check[] {
  const problems = parameterProblems(asked, (config.params ?? {}) as DeclaredParameters);
  if (problems.length === 0) return [{ what: "parameters", ...ok("nothing is missing or malformed") }];
  return problems.map((text) => ({
    what: "parameters",
    ...problem(text, "Put it right in serverless.yml or --param."),
  }));
}

function edgeCheck(region: string): Check {
  const detail = region === "us-east-1" ? region : `${region}: without a web app, for only us-east-1 has an edge`;
  return { what: "region", ...ok(detail) };
}

async function identity(region: string): Promise<Check> {
  try {
    const { Account, Arn } = await new STSClient({ region }).send(new GetCallerIdentityCommand());
    return { what: "account", ...ok(`${Account}, as ${Arn}`) };
  } catch (error) {
    const name = error instanceof Error ? error.name : String(error);
    const fix = "Sign in (aws sso login, AWS_PROFILE, or keys in the environment) and ask again.";
    return { what: "account", ...problem(`AWS does not know who is asking (${name})`, fix) };
  }
}

/**
 * Looks whether a stage can be deployed and is well. It changes nothing and reads no secret's value.
 * @param config the resolved configuration of the stage
 */
export async function examine(asked: Examined, config: ResolvedConfig): Promise<Check[]> {
  const { stage, region, params } = asked;
  const account = await identity(region);
  const local = [account, edgeCheck(region), ...parameterChecks(asked, config)];
  if (account.status !== "ok") return local;
  const needs = needsOf(config, stage, params);
  const [ofStack, ofAccount] = await Promise.all([
    stackChecks({ stage, region, secrets: needs.secrets }),
    Promise.all(accountChecks(region, needs)),
  ]);
  return [...local, ...ofStack, ...ofAccount];
}
