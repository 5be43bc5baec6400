import { eventsOf, type Job, stepsOf, type Workflow } from "./workflow.ts";

/** What a workflow must not be; stable codes. */
export type LintCode =
  | "ACTION_NOT_PINNED"
  | "CREDENTIALS_KEPT"
  | "EXPRESSION_IN_SHELL"
  | "ID_TOKEN_UNUSED"
  | "PERMISSION_TOO_WIDE"
  | "PERMISSIONS_MISSING"
  | "SECRETS_INHERITED"
  | "STATIC_KEYS"
  | "TIMEOUT_MISSING"
  | "TRUSTS_FOREIGN_CODE";

export interface LintFinding {
  code: LintCode;
  message: string;
}

const CREDENTIALS_ACTION = "aws-actions/configure-aws-credentials@";
/** All that a workflow of this repository may do: read it, and prove to AWS which workflow it is. */
const GRANTABLE: Readonly<Record<string, readonly unknown[]>> = {
  contents: ["read", "none"],
  "id-token": ["write", "none"],
};

const isReusable = ({ uses }: Job) => typeof uses === "string";

function unpinned(workflow: Workflow): LintFinding[] {
  const used = [...Object.values(workflow.jobs), ...stepsOf(workflow)].map(({ uses }) => uses);
  return used
    .filter((uses) => typeof uses === "string")
    .filter((uses) => !uses.startsWith("./") && !/^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/.test(uses))
    .map((uses) => ({ code: "ACTION_NOT_PINNED", message: `${uses} names no commit` }));
}

function permissionFindings(workflow: Workflow): LintFinding[] {
  const granted = [workflow.permissions, ...Object.values(workflow.jobs).map(({ permissions }) => permissions)];
  const wide = granted.flatMap((permissions) => {
    if (typeof permissions === "string") return [permissions];
    const entries = Object.entries((permissions ?? {}) as object);
    return entries
      .filter(([name, right]) => !GRANTABLE[name]?.includes(right))
      .map(([name, right]) => `${name}: ${right}`);
  });
  const findings: LintFinding[] = wide.map((right) => ({
    code: "PERMISSION_TOO_WIDE",
    message: `${right} is granted`,
  }));
  if (workflow.permissions === undefined) {
    findings.push({ code: "PERMISSIONS_MISSING", message: "without permissions it has those of the repository" });
  }
  return findings;
}

function unusedIdToken(workflow: Workflow): LintFinding[] {
  const needsIt =
    Object.values(workflow.jobs).some(isReusable) ||
    stepsOf(workflow).some(({ uses }) => String(uses).startsWith(CREDENTIALS_ACTION));
  const hasIt = (permissions: unknown) =>
    (permissions as Record<string, unknown> | undefined)?.["id-token"] === "write";
  const granted = [workflow, ...Object.values(workflow.jobs)].some(({ permissions }) => hasIt(permissions));
  return granted && !needsIt ? [{ code: "ID_TOKEN_UNUSED", message: "nobody signs in to AWS with the id token" }] : [];
}

/** Keys that last are taken from where they are kept; a role is taken on for this run alone. */
function staticKeys(text: string): LintFinding[] {
  const found = new Set(text.match(/aws-(?:access-key-id|secret-access-key)|AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY)/g));
  return [...found].map((name) => ({ code: "STATIC_KEYS", message: `${name}: sign in by role` }));
}

function shellFindings(workflow: Workflow): LintFinding[] {
  return stepsOf(workflow)
    .filter(({ run }) => typeof run === "string" && run.includes("${{"))
    .map(({ name, run }) => ({
      code: "EXPRESSION_IN_SHELL",
      message: `${String(name ?? run).split("\n")[0]}: what is put into shell text is run; hand it over by env`,
    }));
}

function kept(workflow: Workflow): LintFinding[] {
  return stepsOf(workflow)
    .filter(({ uses }) => String(uses).startsWith("actions/checkout@"))
    .filter((step) => step.with?.["persist-credentials"] !== false)
    .map(() => ({ code: "CREDENTIALS_KEPT", message: "checkout leaves its token where every later step finds it" }));
}

function jobFindings([name, job]: [string, Job]): LintFinding[] {
  const findings: LintFinding[] = [];
  if (job.secrets === "inherit") {
    findings.push({ code: "SECRETS_INHERITED", message: `${name} is handed every secret; name those that it needs` });
  }
  // A job that calls a workflow cannot have a limit; the jobs of that workflow do.
  if (!isReusable(job) && typeof job["timeout-minutes"] !== "number") {
    findings.push({ code: "TIMEOUT_MISSING", message: `${name} may run for six hours` });
  }
  return findings;
}

function foreignCode(workflow: Workflow): LintFinding[] {
  const dangerous = eventsOf(workflow).filter((event) => ["pull_request_target", "workflow_run"].includes(event));
  return dangerous.map((event) => ({
    code: "TRUSTS_FOREIGN_CODE",
    message: `${event} runs with secrets for whoever opens a pull request`,
  }));
}

/** The rules of this repository for workflows, beyond what makes one valid. @param text as it stands in the file */
export function lintWorkflow(workflow: Workflow, text: string): LintFinding[] {
  return [
    ...unpinned(workflow),
    ...permissionFindings(workflow),
    ...unusedIdToken(workflow),
    ...staticKeys(text),
    ...shellFindings(workflow),
    ...kept(workflow),
    ...Object.entries(workflow.jobs).flatMap(jobFindings),
    ...foreignCode(workflow),
  ];
}
