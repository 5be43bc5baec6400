import type { Endpoints } from "./endpoints-file.ts";

/** What a person needs to know when everything runs. */
export function readyMessage(endpoints: Endpoints, file: string, seconds: number): string {
  const [user] = endpoints.users;
  return `
Ready after ${seconds.toFixed(1)} s.

  Web app        ${endpoints.apiUrl}/enceladus/
  API            ${endpoints.apiUrl}
  API reference  ${endpoints.apiUrl}/local/reference
  Sign in as     ${user?.username} (password and tokens: ${file})
  Internal key   "internalKey" in ${file}; goes into the header X-Coordination-Internal-Key

  curl -H 'Cookie: ${user?.cookie}' ${endpoints.apiUrl}/api/v1/projects

Ctrl-C stops everything.`;
}
