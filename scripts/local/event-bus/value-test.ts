import { BlockList, isIP } from "node:net";

/** Says whether one leaf value (string, number, boolean, null) of an event fulfils one entry of a pattern's list. */
export type ValueTest = (value: unknown) => boolean;

type Builder = (operand: unknown) => ValueTest;

/** Compiles one entry: a literal, or an object with exactly one content filter. Throws an Error that says what is wrong. */
export function valueTest(entry: unknown): ValueTest {
  if (isLiteral(entry)) return (value) => value === entry;
  const [name, operand] = soleEntry(entry);
  const build = contentFilters[name];
  if (build === undefined) throw new Error(`unrecognized match type ${name}`);
  return build(operand);
}

const contentFilters: Record<string, Builder> = {
  prefix: (operand) => affix("prefix", operand, (value, part) => value.startsWith(part)),
  suffix: (operand) => affix("suffix", operand, (value, part) => value.endsWith(part)),
  "equals-ignore-case": equalsIgnoreCase,
  wildcard,
  numeric,
  cidr,
  "anything-but": anythingBut,
};

/** `prefix` and `suffix` take a string, or `{"equals-ignore-case": string}`. */
function affix(name: string, operand: unknown, holds: (value: string, part: string) => boolean): ValueTest {
  if (typeof operand === "string") return onString((value) => holds(value, operand));
  const [inner, part] = soleEntry(operand);
  if (inner !== "equals-ignore-case" || typeof part !== "string") throw new Error(`${name} must be a string`);
  const folded = part.toLowerCase();
  return onString((value) => holds(value.toLowerCase(), folded));
}

function equalsIgnoreCase(operand: unknown): ValueTest {
  if (typeof operand !== "string") throw new Error("equals-ignore-case must be a string");
  const folded = operand.toLowerCase();
  return onString((value) => value.toLowerCase() === folded);
}

/** `*` stands for any characters, `\*` and `\\` for themselves; `**` is refused, as AWS does. */
function wildcard(operand: unknown): ValueTest {
  if (typeof operand !== "string") throw new Error("wildcard must be a string");
  const [first = "", ...rest] = splitAtStars(operand);
  const last = rest.pop();
  if (last === undefined) return onString((value) => value === first);
  return onString((value) => {
    if (!value.startsWith(first)) return false;
    let from = first.length;
    // The leftmost place of each part leaves the most room for those after it, so no other place need be tried.
    for (const part of rest) {
      const at = value.indexOf(part, from);
      if (at < 0) return false;
      from = at + part.length;
    }
    return value.length - last.length >= from && value.endsWith(last);
  });
}

function splitAtStars(text: string): string[] {
  const parts = [""];
  let escaped = false;
  let previousWasStar = false;
  for (const character of text) {
    const isStar = character === "*" && !escaped;
    if (isStar && previousWasStar) throw new Error("wildcard must not have two * in a row");
    if (escaped && character !== "*" && character !== "\\") throw new Error("wildcard has an invalid escape");
    if (isStar) parts.push("");
    else if (escaped || character !== "\\") parts[parts.length - 1] += character;
    escaped = character === "\\" && !escaped;
    previousWasStar = isStar;
  }
  if (escaped) throw new Error("wildcard must not end in a single backslash");
  return parts;
}

const comparisons: Record<string, (value: number, bound: number) => boolean> = {
  "=": (value, bound) => value === bound,
  "<": (value, bound) => value < bound,
  "<=": (value, bound) => value <= bound,
  ">": (value, bound) => value > bound,
  ">=": (value, bound) => value >= bound,
};

/** One comparison, or a range of two: `[">", 0, "<=", 5]`. Text that looks like a number is not one. */
function numeric(operand: unknown): ValueTest {
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4)) {
    throw new Error("numeric must be one or two comparisons");
  }
  const tests: ((value: number) => boolean)[] = [];
  for (let at = 0; at < operand.length; at += 2) {
    const compare = comparisons[String(operand[at])];
    const bound: unknown = operand[at + 1];
    if (compare === undefined) throw new Error(`unrecognized numeric range operator ${String(operand[at])}`);
    if (typeof bound !== "number") throw new Error("the bound of a numeric comparison must be a number");
    tests.push((value) => compare(value, bound));
  }
  return (value) => typeof value === "number" && tests.every((test) => test(value));
}

function cidr(operand: unknown): ValueTest {
  const [address = "", bits = ""] = typeof operand === "string" ? operand.split("/") : [];
  const family = isIP(address);
  if (family === 0 || !/^\d{1,3}$/.test(bits)) throw new Error("cidr must be an address block such as 10.0.0.0/24");
  const block = new BlockList();
  block.addSubnet(address, Number(bits), family === 6 ? "ipv6" : "ipv4");
  return onString((value) => isIP(value) !== 0 && block.check(value, isIP(value) === 6 ? "ipv6" : "ipv4"));
}

/** The field must be there and differ from every operand. */
function anythingBut(operand: unknown): ValueTest {
  if (Array.isArray(operand) && operand.length === 0) throw new Error("anything-but must not be an empty list");
  if (isLiteral(operand) || Array.isArray(operand)) {
    const excluded = [operand].flat();
    if (!excluded.every(isStringOrNumber)) throw new Error("anything-but takes strings or numbers");
    return (value) => !excluded.some((literal) => literal === value);
  }
  const [name, inner] = soleEntry(operand);
  const build = ["prefix", "suffix", "equals-ignore-case", "wildcard"].includes(name)
    ? contentFilters[name]
    : undefined;
  if (build === undefined) throw new Error(`unsupported anything-but of ${name}`);
  const tests = [inner].flat().map((item) => build(item));
  return (value) => !tests.some((test) => test(value));
}

function onString(test: (value: string) => boolean): ValueTest {
  return (value) => typeof value === "string" && test(value);
}

function soleEntry(value: unknown): [string, unknown] {
  const entries = typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  const [entry] = entries;
  if (entry === undefined || entries.length !== 1) throw new Error("a match expression is an object with one key");
  return entry;
}

function isLiteral(value: unknown): value is string | number | boolean | null {
  return value === null || isStringOrNumber(value) || typeof value === "boolean";
}

function isStringOrNumber(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}
