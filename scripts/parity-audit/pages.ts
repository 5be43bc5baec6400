/** A page of a list. */
export interface Page<T> {
  items: readonly T[];
  /** How the next page is asked for; nothing on the last one. */
  next: string | undefined;
}

/** Everything on all pages of a list. */
export async function allPages<T>(ask: (token: string | undefined) => Promise<Page<T>>): Promise<T[]> {
  const found: T[] = [];
  let token: string | undefined;
  do {
    const { items, next } = await ask(token);
    found.push(...items);
    token = next || undefined;
  } while (token !== undefined);
  return found;
}
