/** The sort keys of the table of deployments, by kind of row. Its partition key is the project. */
export const rowKeys = {
  request: (requestId: string) => `request#${requestId}`,
  spec: (specId: string) => `spec#${specId}`,
  deploy: (deployId: string) => `deploy#${deployId}`,
  state: "STATE",
} as const;

/** The one partition of the index of specs that are not settled. */
export const OPEN = "open";
