import pLimit from "p-limit";

const AT_ONCE = 10;

interface Head<Item> {
  item: Item;
  rest: AsyncGenerator<Item, void>;
}

async function headOf<Item>(rest: AsyncGenerator<Item, void>): Promise<Head<Item> | undefined> {
  const next = await rest.next();
  return next.done ? undefined : { item: next.value, rest };
}

/**
 * Several ordered sources as one, in the same order. Each source is read as far as it is asked for; all of them begin
 * at once. Of items that are equal in order the one of the earlier source comes first.
 * @throws whatever a source throws
 */
export async function* mergedInOrder<Item>(
  sources: readonly AsyncGenerator<Item, void>[],
  isBefore: (one: Item, other: Item) => boolean,
): AsyncGenerator<Item, void> {
  const limit = pLimit(AT_ONCE);
  const first = await Promise.all(sources.map((source) => limit(headOf<Item>, source)));
  let heads = first.filter((head) => head !== undefined);
  while (heads.length > 0) {
    const next = heads.reduce((best, head) => (isBefore(head.item, best.item) ? head : best));
    yield next.item;
    const following = await headOf(next.rest);
    heads = heads.flatMap((head) => (head === next ? (following ?? []) : head));
  }
}
