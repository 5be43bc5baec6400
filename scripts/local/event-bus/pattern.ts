import { type ValueTest, valueTest } from "./value-test.ts";

/** Says whether an event matches the pattern it was compiled from. */
export type Matcher = (event: unknown) => boolean;

/** A pattern that EventBridge would refuse; the message names the place in the pattern. */
export class InvalidPatternError extends Error {
  override readonly name = "InvalidEventPatternException";
}

/**
 * Compiles a pattern of EventBridge: of a bus rule, or of an event source mapping's filter (the same language).
 *
 * Own code, because npm has no kept library for it. A pattern is checked when it is compiled, not when the first event
 * comes: on AWS a rule with a wrong pattern cannot be deployed.
 *
 * @throws InvalidPatternError
 */
export function compilePattern(pattern: unknown): Matcher {
  return compileObject(pattern, "pattern");
}

/** A record matches a filter list if it matches any of its patterns; without a list everything matches. */
export function compileFilters(patterns: readonly unknown[] | undefined): Matcher {
  if (patterns === undefined || patterns.length === 0) return () => true;
  const matchers = patterns.map((pattern) => compilePattern(pattern));
  return (event) => matchers.some((matches) => matches(event));
}

function compileObject(pattern: unknown, path: string): Matcher {
  if (!isObject(pattern)) throw new InvalidPatternError(`${path}: must be an object`);
  const entries = Object.entries(pattern);
  if (entries.length === 0) throw new InvalidPatternError(`${path}: empty objects are not allowed`);
  const tests = entries.map(([key, value]) =>
    key === "$or" ? compileAlternatives(value, `${path}.$or`) : compileField(key, value, `${path}.${key}`),
  );
  const one: Matcher = (event) => tests.every((matches) => matches(event));
  // Of a list of objects one must fulfil the whole pattern by itself; an empty list has no fields at all.
  return (event) => (Array.isArray(event) && event.length > 0 ? event.some(one) : one(event));
}

function compileAlternatives(value: unknown, path: string): Matcher {
  if (!Array.isArray(value) || value.length === 0) throw new InvalidPatternError(`${path}: must be a list of patterns`);
  const matchers = value.map((item, index) => compileObject(item, `${path}[${index}]`));
  return (event) => matchers.some((matches) => matches(event));
}

function compileField(key: string, value: unknown, path: string): Matcher {
  if (Array.isArray(value)) {
    const test = compileLeaf(value, path);
    return (event) => test(fieldOf(event, key));
  }
  const nested = compileObject(value, path);
  return (event) => nested(fieldOf(event, key));
}

/** The list under a field: one of its entries must match one of the field's values. */
function compileLeaf(alternatives: readonly unknown[], path: string): Matcher {
  if (alternatives.length === 0) throw new InvalidPatternError(`${path}: empty lists are not allowed`);
  const tests: ValueTest[] = [];
  let mayBeAbsent = false;
  for (const alternative of alternatives) {
    const exists = isObject(alternative) && "exists" in alternative ? alternative.exists : undefined;
    if (exists === false) mayBeAbsent = true;
    else if (exists === true) tests.push(() => true);
    else tests.push(testOf(alternative, path));
  }
  return (field) => {
    const values = leafValues(field);
    return values.length === 0 ? mayBeAbsent : values.some((value) => tests.some((test) => test(value)));
  };
}

function testOf(alternative: unknown, path: string): ValueTest {
  try {
    return valueTest(alternative);
  } catch (error) {
    throw new InvalidPatternError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Only leaves count: an object under the field is not a value of the field, a list stands for its entries. */
function leafValues(field: unknown): unknown[] {
  if (Array.isArray(field)) return field.flatMap(leafValues);
  return field === undefined || isObject(field) ? [] : [field];
}

function fieldOf(event: unknown, key: string): unknown {
  return isObject(event) && Object.hasOwn(event, key) ? event[key] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
