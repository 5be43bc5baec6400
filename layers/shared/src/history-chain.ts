import { isDeepStrictEqual } from "node:util";
import { canonicalHash } from "./hash.ts";

/** The hash before the first entry of a chain. */
export const GENESIS_HASH = "0".repeat(64);

/** What happened to one attribute; null where it was or is absent. */
export interface AttributeChange {
  field: string;
  from: unknown;
  to: unknown;
}

/** The attributes of something that has a history; undefined before it existed. */
type Image = Readonly<Record<string, unknown>> | undefined;

/** Larger values are named by their hash, so that an entry stays far below the size limit of an item. */
const MAX_VALUE_BYTES = 4_096;

function recorded(value: unknown): unknown {
  if (value === undefined) return null;
  const plain = value instanceof Set ? [...value].sort() : value;
  const bytes = Buffer.byteLength(JSON.stringify(plain));
  return bytes > MAX_VALUE_BYTES ? { sha256: canonicalHash(plain), bytes } : plain;
}

/** An attribute of a thing itself: a field may be called `constructor`, which every object inherits. */
function attribute(image: Image, name: string): unknown {
  return image && Object.hasOwn(image, name) ? image[name] : undefined;
}

/** The attributes in which two images differ, in the order of their names. */
export function changedAttributes(before: Image, after: NonNullable<Image>): string[] {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after)]);
  return [...names].filter((name) => !isDeepStrictEqual(attribute(before, name), attribute(after, name))).sort();
}

/**
 * The changes of an entry: what differs between two images.
 * @param housekeeping attributes that say nothing about what was done
 */
export function describeChanges(
  before: Image,
  after: NonNullable<Image>,
  housekeeping: ReadonlySet<string>,
): AttributeChange[] {
  return changedAttributes(before, after)
    .filter((name) => !housekeeping.has(name))
    .map((field) => ({ field, from: recorded(attribute(before, field)), to: recorded(attribute(after, field)) }));
}

/**
 * The hash of an entry: SHA-256 over the canonical JSON (RFC 8785) of the entry without its hash, lower-case hex.
 */
export function entryHash(entry: object): string {
  return canonicalHash(entry);
}
