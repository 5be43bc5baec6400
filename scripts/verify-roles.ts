import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import type { ServiceConfiguration } from "./local/configuration.ts";
import { createReferences } from "./local/resolve-references.ts";
import type { UsedPermissionsList } from "./local/wire/used-permissions.ts";
import { compareRoles, type RoleFinding, readExceptions } from "./role-guard/compare.ts";
import { grantsOf, neededByLambda } from "./role-guard/grants.ts";
import { type ResolvedConfig, ROOT, resolvedConfig } from "./service/resolved-config.ts";

/** The stage of `npm start`, whose names the recorded calls have. */
const STAGE = "dev";

const WHAT_TO_DO: Readonly<Record<RoleFinding["code"], string>> = {
  NOT_GRANTED: "The role of the function must allow it: on AWS the call would be refused.",
  NEVER_USED:
    "Take it out of the role, use it in a test of test/e2e, or say in resources/role-exceptions.json why not.",
  IDLE_EXCEPTION: "Take it out of resources/role-exceptions.json.",
};

/**
 * Compares the roles of a configuration with the permissions that its functions have used.
 * @throws Error for what is not understood, and for a list that is not complete
 */
export function verifyRoles(config: ResolvedConfig, list: UsedPermissionsList, exceptions: string): RoleFinding[] {
  if (!list.complete) throw new Error("more permissions were used than the local system keeps");
  // A run in which nothing was called would find nothing either.
  if (list.permissions.length === 0) throw new Error("no permissions were used");
  const references = createReferences(config as unknown as ServiceConfiguration, { sqsOrigin: "http://sqs" });
  const used = [...list.permissions, ...neededByLambda(config, references)];
  return compareRoles(grantsOf(config, references), used, readExceptions(exceptions));
}

if (import.meta.main) {
  const { used } = new Command("guard:roles")
    .description("Compares the functions' roles with the permissions that a run of the local system has used")
    .requiredOption("--used <file>", "the answer of GET /local/used-permissions")
    .parse()
    .opts<{ used: string }>();
  try {
    const list = JSON.parse(readFileSync(used, "utf8")) as UsedPermissionsList;
    const exceptions = readFileSync(join(ROOT, "resources/role-exceptions.json"), "utf8");
    const findings = verifyRoles(await resolvedConfig(STAGE), list, exceptions);
    for (const { code, function: key, message } of findings) console.error(`${code} ${key}: ${message}`);
    for (const code of new Set(findings.map((finding) => finding.code))) console.error(`${code}: ${WHAT_TO_DO[code]}`);
    console.log(`${list.permissions.length} permissions used, ${findings.length} findings`);
    process.exitCode = findings.length === 0 ? 0 : 1;
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
