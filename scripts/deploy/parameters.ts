import { UserError } from "../api/user-error.ts";
import { CERTIFICATE, HOST_NAME } from "./web-domain.ts";

/** The production stage: its names have no ending, and its data outlives its stack. */
export const PRODUCTION = "prod";
/** Stages that need no word in serverless.yml. */
const USUAL_STAGES = ["dev", "staging", PRODUCTION];

const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;
const PROJECT_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{1,254}$/;
const MOST_POINTS = 100;

type Values = Readonly<Record<string, unknown>>;

/** `params` of the resolved configuration: those of everybody under `default`, those of a stage under its name. */
export type DeclaredParameters = Readonly<Record<string, Values | undefined>>;

export interface StageRequest {
  stage: string;
  region: string;
  /** `key=value`, as they were given. */
  params: readonly string[];
}

const oneOf =
  (...allowed: readonly string[]) =>
  (value: string) =>
    allowed.includes(value) ? undefined : `must be ${allowed.join(" or ")}`;
const like = (pattern: RegExp, what: string) => (value: string) =>
  pattern.test(value) ? undefined : `must be ${what}`;

function points(value: string): string | undefined {
  const isWhole = /^\d{1,3}$/.test(value) && Number(value) <= MOST_POINTS;
  return isWhole ? undefined : `must be a whole number from 0 to ${MOST_POINTS}`;
}

/** Every parameter that serverless.yml reads, and what it may be. */
const RULES: Readonly<Record<string, (value: string) => string | undefined>> = {
  suffix: like(/^(|-[a-z0-9-]+)$/, "nothing, or - and the name of the stage"),
  retain: oneOf("Retain", "Delete"),
  protected: oneOf("true", "false"),
  deletionProtection: oneOf("ACTIVE", "INACTIVE"),
  alarms: oneOf("true", "false"),
  priceClass: oneOf("PriceClass_100", "PriceClass_200", "PriceClass_All"),
  uiBuilderProject: like(PROJECT_NAME, "the name of a project of CodeBuild"),
  strictConcurrency: oneOf("true", "false"),
  minComplianceScore: points,
  appDomain: like(HOST_NAME, "a host name such as app.example.com"),
  certificateArn: like(CERTIFICATE, "the ARN of a certificate of ACM in us-east-1"),
};

/** What production is, whatever is asked for. */
const OF_PRODUCTION: Values = { suffix: "", retain: "Retain", protected: "true", deletionProtection: "ACTIVE" };

function given(pair: string): [string, string] {
  const at = pair.indexOf("=");
  return at < 0 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
}

function stageProblem(stage: string, declared: DeclaredParameters): string | undefined {
  const known = new Set([...USUAL_STAGES, ...Object.keys(declared)]);
  if (known.has(stage) && stage !== "default") return undefined;
  if (stage === "production") return "--stage production: the production stage is called prod.";
  return `--stage ${stage}: there is no such stage. There are ${USUAL_STAGES.join(", ")}; another one is declared under params in serverless.yml.`;
}

function valueProblems(values: Values): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const rule = RULES[name];
    if (!rule) return [`${name}: there is no such parameter. There are ${Object.keys(RULES).join(", ")}.`];
    const problem = rule(String(value));
    return problem ? [`${name} ${problem}, not "${String(value)}".`] : [];
  });
}

/** What stage, region and parameters have to be changed in; everything at once. */
export function parameterProblems({ stage, region, params }: StageRequest, declared: DeclaredParameters): string[] {
  const malformed = params.filter((pair) => !/^[A-Za-z]+=/.test(pair));
  const values = { ...declared.default, ...declared[stage], ...Object.fromEntries(params.map(given)) };
  const weakened = Object.entries(OF_PRODUCTION).filter(
    ([name, value]) => stage === PRODUCTION && String(values[name]) !== value,
  );
  const problems = [
    stageProblem(stage, declared),
    REGION.test(region) ? undefined : `--region ${region}: there is no such region of AWS, such as us-east-1.`,
    ...malformed.map((pair) => `--param ${pair}: say it as name=value.`),
    ...(malformed.length > 0 ? [] : valueProblems(values)),
    ...weakened.map(([name, value]) => `${name} must be "${String(value)}" in production.`),
    values.appDomain !== undefined && values.certificateArn === undefined
      ? "appDomain needs its certificate: certificateArn, the ARN of a certificate of ACM in us-east-1."
      : undefined,
    values.certificateArn !== undefined && values.appDomain === undefined
      ? "certificateArn is of no use without appDomain."
      : undefined,
  ];
  return problems.filter((problem) => problem !== undefined);
}

/** @throws UserError that names every parameter that is missing or wrong */
export function demandParameters(request: StageRequest, declared: DeclaredParameters): void {
  const problems = parameterProblems(request, declared);
  if (problems.length === 0) return;
  throw new UserError(`Nothing was deployed:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
}
