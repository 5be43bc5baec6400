import { type ApiClient, ApiError } from "./client.ts";
import { UserError } from "./user-error.ts";

function creation(project: string, { access }: ApiClient): string {
  const prefix = project
    .replaceAll(/[^a-z]/g, "")
    .slice(0, 3)
    .toUpperCase()
    .padEnd(3, "X");
  const cookie = access.endpointsFile
    ? `$(node -p 'JSON.parse(require("fs").readFileSync("${access.endpointsFile}")).users[0].cookie')`
    : "enceladus_id_token=...";
  const body = JSON.stringify({ name: project, prefix, summary: "What it is about" });
  return `curl -X POST ${access.url}/api/v1/projects -H 'Content-Type: application/json' -H "Cookie: ${cookie}" -d '${body}'`;
}

/**
 * Makes sure, before anything else, that an API answers, takes the key and has the project.
 * @throws UserError that says what to do
 */
export async function requireProject(client: ApiClient, project: string): Promise<void> {
  if (!/^[a-z0-9_-]{1,100}$/.test(project)) {
    throw new UserError(`'${project}' is no name of a project: those have a-z, 0-9, underscore and hyphen.`);
  }
  try {
    await client.call({ method: "GET", path: `/api/v1/tracker/${project}/task/none`, isFirst: true });
  } catch (error) {
    // A key that may not read records is good for other things; the call that it is meant for says whether for this.
    if (error instanceof ApiError && error.status === 403) return;
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    if (error.message.includes("is not registered")) {
      const { url } = client.access;
      throw new UserError(
        `There is no project '${project}' at ${url}. A signed-in person creates it, with a prefix of three letters for its ids:\n\n  ${creation(project, client)}\n`,
      );
    }
    if (!error.message.includes("Record not found")) throw error;
  }
}
