/** A page of a list as a service gives it: two items, and where to go on. */
const PAGE = 2;

export function page<T>(all: readonly T[], token: unknown): { items: T[]; next: string | undefined } {
  const start = Number(token ?? 0);
  const end = start + PAGE;
  return { items: all.slice(start, end), next: end < all.length ? String(end) : undefined };
}
