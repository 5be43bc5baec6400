export interface SeedTarget {
  /** Address of the running API. */
  apiUrl: string;
  internalKey: string;
  /** A signed-in user's `Cookie` header. */
  cookie: string;
  log: (message: string) => void;
}

/** Creates the demo project through the API, unless it is there. */
export async function seed(_target: SeedTarget): Promise<void> {
  return;
}
