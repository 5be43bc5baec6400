import { ACMClient, DescribeCertificateCommand } from "@aws-sdk/client-acm";
import { BatchGetProjectsCommand, CodeBuildClient } from "@aws-sdk/client-codebuild";
import { GetAccountSettingsCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
  NoSuchResourceException,
  ServiceQuotasClient,
} from "@aws-sdk/client-service-quotas";
import { type Check, check, type Finding, ok, problem } from "./check.ts";
import type { Needs } from "./declared.ts";

/** Lambda keeps so many invocations for functions that have none set aside. */
const ALWAYS_UNRESERVED = 100;
/** What accounts have that are not new. */
const USUAL_CONCURRENCY = 1000;
const CERTIFICATE_REGION = "us-east-1";
const DAY_MS = 86_400_000;
const SOON_DAYS = 21;

function increase(service: string, code: string, value: number, region: string): string {
  return `aws service-quotas request-service-quota-increase --service-code ${service} --quota-code ${code} --desired-value ${value} --region ${region}`;
}

async function concurrency(region: string, { reserved }: Needs): Promise<Finding> {
  const { AccountLimit } = await new LambdaClient({ region }).send(new GetAccountSettingsCommand());
  const { ConcurrentExecutions: most = 0, UnreservedConcurrentExecutions: free = 0 } = AccountLimit ?? {};
  const detail = `${most} invocations at once, ${free} of them not set aside; this stage sets ${reserved} aside`;
  if (most >= reserved + ALWAYS_UNRESERVED) return ok(detail);
  const enough = Math.max(USUAL_CONCURRENCY, reserved + ALWAYS_UNRESERVED);
  return problem(detail, `Ask for more: ${increase("lambda", "L-B99A9384", enough, region)}`);
}

const QUOTAS = [
  {
    what: "quota: tables",
    service: "dynamodb",
    code: "L-F98FE922",
    region: undefined,
    needed: ({ tables }: Needs) => tables,
  },
  // That of buckets is one for all regions, and is told in this one only.
  {
    what: "quota: buckets",
    service: "s3",
    code: "L-DC2B2D3D",
    region: "us-east-1",
    needed: ({ buckets }: Needs) => buckets,
  },
] as const;

/** What an account may have; what AWS gives to everybody where it has nothing of its own. */
async function quotaOf(client: ServiceQuotasClient, ServiceCode: string, QuotaCode: string): Promise<number> {
  const question = { ServiceCode, QuotaCode };
  try {
    return (await client.send(new GetServiceQuotaCommand(question))).Quota?.Value ?? 0;
  } catch (error) {
    if (!(error instanceof NoSuchResourceException)) throw error;
    return (await client.send(new GetAWSDefaultServiceQuotaCommand(question))).Quota?.Value ?? 0;
  }
}

async function quota(region: string, service: string, code: string, needed: number): Promise<Finding> {
  const most = await quotaOf(new ServiceQuotasClient({ region }), service, code);
  const detail = `${most} in the account, ${needed} of them for this stage`;
  if (most >= needed) return ok(detail);
  return problem(detail, `Ask for more: ${increase(service, code, needed * 2, region)}`);
}

async function builder(region: string, name: string): Promise<Finding> {
  const { projects = [] } = await new CodeBuildClient({ region }).send(new BatchGetProjectsCommand({ names: [name] }));
  if (projects.length > 0) return ok(name);
  return problem(
    `CodeBuild has no project ${name}: every deployment of a user interface would fail`,
    "Make it (docs/deployments.md), or name another one with --param uiBuilderProject=...",
  );
}

const covers = (name: string, domain: string) =>
  name === domain || (name.startsWith("*.") && domain.slice(domain.indexOf(".") + 1) === name.slice(2));

async function certificate(CertificateArn: string, domain: string): Promise<Finding> {
  const client = new ACMClient({ region: CERTIFICATE_REGION });
  const { Certificate } = await client.send(new DescribeCertificateCommand({ CertificateArn }));
  const { Status, DomainName = "", SubjectAlternativeNames = [], NotAfter } = Certificate ?? {};
  if (Status !== "ISSUED") {
    return problem(
      `it is ${Status ?? "not there"}`,
      "Have it validated in ACM: CloudFront takes issued certificates only.",
    );
  }
  if (![DomainName, ...SubjectAlternativeNames].some((name) => covers(name, domain))) {
    return problem(`it is for ${DomainName}, not for ${domain}`, "Request one for the domain, in us-east-1.");
  }
  const days = NotAfter ? Math.floor((NotAfter.getTime() - Date.now()) / DAY_MS) : undefined;
  if (days !== undefined && days < SOON_DAYS) return problem(`it ends in ${days} days`, "Renew it in ACM.");
  return ok(`for ${domain}${days === undefined ? "" : `, for ${days} days more`}`);
}

/** What a stage needs of its account, deployed or not. */
export function accountChecks(region: string, needs: Needs): Promise<Check>[] {
  const { uiBuilderProject, appDomain, certificateArn } = needs.parameters;
  return [
    check("quota: invocations", () => concurrency(region, needs)),
    ...QUOTAS.map(({ what, service, code, region: told, needed }) =>
      check(what, () => quota(told ?? region, service, code, needed(needs))),
    ),
    check("builder of user interfaces", () => builder(region, String(uiBuilderProject))),
    ...(typeof appDomain === "string" && typeof certificateArn === "string"
      ? [check("certificate", () => certificate(certificateArn, appDomain))]
      : []),
  ];
}
