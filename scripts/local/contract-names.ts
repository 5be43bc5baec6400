import { ACCOUNT_ID } from "./configuration.ts";

/**
 * The name that the contracts use for a thing of a stage: its production name, which has no stage suffix.
 * @param name the real name, e.g. `devops-deploy-queue-dev.fifo`
 * @returns e.g. `devops-deploy-queue.fifo`
 */
export function contractName(name: string, stage: string): string {
  const fifo = name.endsWith(".fifo") ? ".fifo" : "";
  const base = name.slice(0, name.length - fifo.length);
  const suffix = `-${stage}`;
  return (base.endsWith(suffix) ? base.slice(0, -suffix.length) : base) + fifo;
}

/**
 * The short name of a bucket. Bucket names are world-wide, so they carry the product and the account.
 * @param name e.g. `enceladus-assets-dev-000000000000`
 * @returns e.g. `assets`
 */
export function bucketContractName(name: string, stage: string): string {
  const account = `-${ACCOUNT_ID}`;
  const ofStage = name.endsWith(account) ? name.slice(0, -account.length) : name;
  return contractName(ofStage, stage).replace(/^enceladus-/, "");
}
