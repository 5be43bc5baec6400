import { fileURLToPath } from "node:url";

export interface SeedTarget {
  /** Address of the running API. */
  apiUrl: string;
  internalKey: string;
  /** A signed-in user's `Cookie` header. */
  cookie: string;
  log: (message: string) => void;
}

const PROJECT = {
  name: "demo",
  prefix: "DEM",
  summary: "Real issues of an open-source project, to try things on",
  status: "development",
};

const ISSUES = fileURLToPath(new URL("demo/issues.jsonl", import.meta.url));

/** @returns whether it was not there before */
async function createProject({ apiUrl, cookie }: SeedTarget): Promise<boolean> {
  const known = await fetch(`${apiUrl}/api/v1/projects/${PROJECT.name}`, { headers: { Cookie: cookie } });
  if (known.ok) return false;
  const answer = await fetch(`${apiUrl}/api/v1/projects`, {
    method: "POST",
    headers: { Cookie: cookie, "Content-Type": "application/json" },
    body: JSON.stringify(PROJECT),
  });
  if (!answer.ok) throw new Error(`its creation was answered with ${answer.status}: ${await answer.text()}`);
  return true;
}

async function importIssues({ apiUrl, internalKey }: SeedTarget): Promise<number> {
  // Loaded late: a start without the demo has no use for the importer.
  const [{ readIssueFile }, { planImport }, { sendPlan }, { ApiClient }] = await Promise.all([
    import("../import/issue-file.ts"),
    import("../import/plan.ts"),
    import("../import/send.ts"),
    import("../api/client.ts"),
  ]);
  const client = new ApiClient({ url: apiUrl, key: internalKey, endpointsFile: undefined });
  const plan = planImport(await readIssueFile(ISSUES, "beads"));
  const outcomes = await sendPlan(client, PROJECT.name, plan, () => {});
  return outcomes.filter(({ result }) => result === "created").length;
}

/** Creates the demo project through the API, unless it is there. Nothing depends on it: a failure is only told. */
export async function seed(target: SeedTarget): Promise<void> {
  try {
    if (!(await createProject(target))) return;
    target.log(`  Demo project '${PROJECT.name}' with ${await importIssues(target)} records`);
  } catch (error) {
    target.log(`  The demo project could not be made: ${(error as Error).message}`);
  }
}
