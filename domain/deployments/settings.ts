import { requireEnv } from "@enceladus/shared/env";
import { misconfigured } from "@enceladus/shared/errors";

function positiveInteger(name: string, otherwise: number): number {
  const text = process.env[name];
  if (!text) return otherwise;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw misconfigured(name);
  return value;
}

/** The settings of deployments, from the environment. @throws DomainError CONFIGURATION_ERROR */
export const settings = {
  table: () => requireEnv("DEPLOY_TABLE"),
  /** Where the configuration of projects and their sources lie. */
  bucket: () => requireEnv("CONFIG_BUCKET"),
  configPrefix: () => process.env.CONFIG_PREFIX || "deploy-config",
  /** Undefined where nobody is told that there is something to deploy. */
  queueUrl: () => process.env.SQS_QUEUE_URL || undefined,
  /** The CodeBuild project that builds and publishes. */
  builder: () => requireEnv("CODEBUILD_PROJECT"),
  /** The function that prepares documents. */
  docPrep: () => requireEnv("DOC_PREP_LAMBDA_NAME"),
  region: () => requireEnv("AWS_REGION"),
  worklogPrefix: () => process.env.WORKLOG_PREFIX || "[DEPLOYMENT]",
  /** So often a request is included in a build that fails before it is given up. */
  maxAttempts: () => positiveInteger("MAX_DEPLOY_ATTEMPTS", 3),
  /** A build that has said nothing for so long is asked for. */
  reconcileAfterSeconds: () => positiveInteger("RECONCILE_AFTER_SECONDS", 600),
};
