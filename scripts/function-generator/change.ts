/** What is to become of a file. */
export interface Change {
  path: string;
  /** What is in it now; undefined where it must not be there. */
  before: string | undefined;
  /** Undefined where it goes. */
  after: string | undefined;
}

export function created(path: string, after: string): Change {
  return { path, before: undefined, after };
}
