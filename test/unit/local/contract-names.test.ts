import { expect, it } from "@jest/globals";
import { bucketContractName, contractName } from "../../../scripts/local/contract-names.ts";

it.each([
  ["projects-dev", "dev", "projects"],
  ["devops-deploy-queue-dev.fifo", "dev", "devops-deploy-queue.fifo"],
  ["projects", "prod", "projects"],
  ["dev-projects", "dev", "dev-projects"],
])("%s of the stage %s is %s in the contracts", (name, stage, expected) => {
  expect(contractName(name, stage)).toBe(expected);
});

it.each([
  ["enceladus-assets-dev-000000000000", "dev", "assets"],
  ["enceladus-analytics-000000000000", "prod", "analytics"],
])("the bucket %s of the stage %s is %s in the contracts", (name, stage, expected) => {
  expect(bucketContractName(name, stage)).toBe(expected);
});
