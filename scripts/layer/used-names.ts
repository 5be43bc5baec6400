import { globSync, readFileSync } from "node:fs";
import { parseSync } from "@swc/core";

/** What is imported of a module: its names, `default` among them, or everything. */
export type UsedNames = Set<string> | "all";

/** A node of the syntax tree, of whatever kind. */
type Node = Readonly<Record<string, unknown>> & { type?: string };

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null;
}

function* descendants(node: unknown): Generator<Node> {
  if (Array.isArray(node)) for (const item of node) yield* descendants(item);
  else if (isNode(node)) {
    yield node;
    for (const child of Object.values(node)) if (isNode(child)) yield* descendants(child);
  }
}

function text(node: unknown): string | undefined {
  return isNode(node) && typeof node.value === "string" ? node.value : undefined;
}

function list(value: unknown): Node[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** `z` in `import * as z`: the members that are taken of it, or "all" when it is passed on as a whole. */
function membersOf(namespace: string, tree: Node): UsedNames {
  const isNamespace = (node: unknown) => isNode(node) && node.type === "Identifier" && text(node) === namespace;
  const members = new Set<string>();
  let references = 0;
  let memberReferences = 0;
  for (const node of descendants(tree)) {
    if (isNamespace(node)) references += 1;
    const property = node.type === "MemberExpression" && isNamespace(node.object) ? node.property : undefined;
    // In types (`z.ZodType`) nothing is used at run time.
    if (node.type === "TsQualifiedName" && isNamespace(node.left)) memberReferences += 1;
    const name = isNode(property) && property.type === "Identifier" ? text(property) : undefined;
    if (name === undefined) continue;
    memberReferences += 1;
    members.add(name);
  }
  const inTheImportItself = 1;
  return references === memberReferences + inTheImportItself ? members : "all";
}

function importedName(specifier: Node): string | undefined {
  if (specifier.isTypeOnly === true) return undefined;
  if (specifier.type === "ImportDefaultSpecifier") return "default";
  return text(specifier.imported) ?? text(specifier.orig) ?? text(specifier.local);
}

/** `const { a, b: c } = await import("x")`: the names; any other use of a dynamic import takes everything. */
function destructuredNames(pattern: unknown): UsedNames {
  if (!isNode(pattern) || pattern.type !== "ObjectPattern") return "all";
  const names = list(pattern.properties).map(({ key }) => text(key));
  return names.every((name) => name !== undefined) ? new Set(names) : "all";
}

function dynamicSource(node: unknown): string | undefined {
  const call = isNode(node) && node.type === "AwaitExpression" ? node.argument : node;
  if (!isNode(call) || call.type !== "CallExpression" || !isNode(call.callee)) return undefined;
  if (call.callee.type !== "Import") return undefined;
  const source = list(call.arguments)[0]?.expression;
  return isNode(source) && source.type === "StringLiteral" ? text(source) : undefined;
}

function join(left: UsedNames | undefined, right: UsedNames): UsedNames {
  if (left === "all" || right === "all") return "all";
  return new Set([...(left ?? []), ...right]);
}

/** The modules that a source text imports for use at run time, with the names it takes of each. */
export function importsOf(source: string): Map<string, UsedNames> {
  const found = new Map<string, UsedNames>();
  const add = (module: string | undefined, names: UsedNames) => {
    if (module !== undefined) found.set(module, join(found.get(module), names));
  };
  const tree = parseSync(source, { syntax: "typescript", target: "es2024" }) as unknown as Node;
  const destructured = new Set<unknown>();
  for (const node of descendants(tree)) {
    if (node.type === "ImportDeclaration" && node.typeOnly !== true) {
      const specifiers = list(node.specifiers);
      const namespace = specifiers.find(({ type }) => type === "ImportNamespaceSpecifier");
      const names = specifiers.map(importedName).filter((name) => name !== undefined);
      if (namespace) add(text(node.source), membersOf(text(namespace.local) ?? "", tree));
      else if (names.length > 0 || specifiers.length === 0) add(text(node.source), new Set(names));
    } else if (node.type === "ExportNamedDeclaration" && node.typeOnly !== true && node.source) {
      const names = list(node.specifiers).map(importedName);
      add(text(node.source), names.every((name) => name !== undefined) ? new Set(names) : "all");
    } else if (node.type === "ExportAllDeclaration") {
      add(text(node.source), "all");
    } else if (node.type === "VariableDeclarator" && dynamicSource(node.init) !== undefined) {
      add(dynamicSource(node.init), destructuredNames(node.id));
      const init = node.init as Node;
      destructured.add(init.type === "AwaitExpression" ? init.argument : init);
    } else if (node.type === "CallExpression" && !destructured.has(node)) {
      add(dynamicSource(node), "all");
    }
  }
  return found;
}

/**
 * What the code on the floors above node_modules takes of each runtime dependency. The layer holds this and no more:
 * a library that is shipped whole costs every cold start several times what is used of it.
 * @param root the repository
 * @param patterns globs of the source files, relative to the root
 * @param isWanted whether a module is one to look at
 */
export function usedNames(
  root: string,
  patterns: readonly string[],
  isWanted: (module: string) => boolean,
): Map<string, UsedNames> {
  const used = new Map<string, UsedNames>();
  for (const file of globSync(patterns, { cwd: root }).sort()) {
    for (const [module, names] of importsOf(readFileSync(`${root}/${file}`, "utf8"))) {
      if (isWanted(module)) used.set(module, join(used.get(module), names));
    }
  }
  return new Map([...used].sort(([left], [right]) => (left < right ? -1 : 1)));
}
