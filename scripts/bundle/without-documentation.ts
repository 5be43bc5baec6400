import { readFileSync } from "node:fs";
import { type Node, parse } from "acorn";
import { full } from "acorn-walk";
import { type Plugin, transform } from "esbuild";

interface Edit {
  from: number;
  to: number;
  text: string;
}

type Found = Node & Record<string, unknown>;

function isCall(node: unknown, name?: string): node is Found {
  const call = node as Found | null | undefined;
  if (call?.type !== "CallExpression") return false;
  return name === undefined || (call.callee as Found).name === name;
}

/** The answers in `operation({ ..., responses: {...} })`: what they are called is known, what they look like is not used. */
function documentedAnswers(call: Found): Edit[] {
  const [spec] = call.arguments as Found[];
  if (spec?.type !== "ObjectExpression") return [];
  return (spec.properties as Found[])
    .filter(({ type, key }) => type === "Property" && (key as Found).name === "responses")
    .map(({ value }) => ({ from: (value as Found).start, to: (value as Found).end, text: "{}" }));
}

/** The calls that happen when an expression is evaluated: not those in the bodies of functions that it makes. */
function* callsNow(node: unknown): Generator<Found> {
  if (Array.isArray(node)) for (const item of node) yield* callsNow(item);
  const found = node as Found | null;
  if (typeof found?.type !== "string" || /Function|Class/.test(found.type)) return;
  if (isCall(found)) yield found;
  for (const child of Object.values(found)) if (typeof child === "object") yield* callsNow(child);
}

/** A value that is made once, when the module is loaded: if nobody uses it, it need not be made. */
function madeForNobody(statement: Found): Edit[] {
  const declaration = statement.type === "ExportNamedDeclaration" ? (statement.declaration as Found | null) : statement;
  if (declaration?.type !== "VariableDeclaration") return [];
  return [...callsNow(declaration)].map(({ start }) => ({ from: start, to: start, text: "/* @__PURE__ */ " }));
}

function applied(code: string, edits: readonly Edit[]): string {
  const sorted = [...edits].sort((left, right) => right.from - left.from);
  return sorted.reduce(
    (text, { from, to, text: replacement }) => text.slice(0, from) + replacement + text.slice(to),
    code,
  );
}

/** A module of operations without what only documents them. */
export function withoutDocumentation(code: string): string {
  const tree = parse(code, { ecmaVersion: "latest", sourceType: "module" });
  const answers: Edit[] = [];
  full(tree, (node) => {
    if (isCall(node, "operation")) answers.push(...documentedAnswers(node));
  });
  const values = (tree.body as Found[]).flatMap(madeForNobody);
  const outside = values.filter(({ from }) => !answers.some((answer) => answer.from <= from && from < answer.to));
  return applied(code, [...answers, ...outside]);
}

/**
 * Leaves the schemas of answers out of a deployed function. They are there for the API reference and the tests; at run
 * time nobody looks at them, but to build them takes several milliseconds of every cold start.
 */
export const leaveDocumentationOut: Plugin = {
  name: "leave-documentation-out",
  setup(bundler) {
    bundler.onLoad({ filter: /\/functions\/[^/]+\/.*\.ts$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, "utf8"), { loader: "ts", target: "node24" });
      return { contents: withoutDocumentation(code), loader: "js" };
    });
  },
};
