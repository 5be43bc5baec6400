import { UserError } from "../api/user-error.ts";

/** Files that a new function adds something to, and a removed one takes it from. */
export const SERVICE = "serverless.yml";
export const QUEUES = "resources/queues.yml";
export const SAMPLES = "test/integration/identity/projects.test.ts";
export const SCENARIO = "scripts/postman/scenario.ts";
export const CHANGELOG = "CHANGELOG.md";

const declarationLine = (folder: string) => `  - \${file(${folder}/function.yml)}\n`;

/** serverless.yml with a line more, in the order of the folders. */
export function withDeclaration(service: string, folder: string): string {
  const lines = [...service.matchAll(/^ {2}- \$\{file\((functions\/[^/]+)\/function\.yml\).*\}\n/gm)];
  const next = lines.find(([, other = ""]) => other > folder);
  const last = lines.at(-1);
  if (!last) throw new UserError(`${SERVICE} has no list of functions to add to.`);
  const at = next ? next.index : last.index + last[0].length;
  return `${service.slice(0, at)}${declarationLine(folder)}${service.slice(at)}`;
}

/** serverless.yml without the line of a function, whatever more that line says. */
export function withoutDeclaration(service: string, folder: string): string {
  return service
    .split("\n")
    .filter((line) => !line.startsWith(`  - \${file(${folder}/function.yml)`))
    .join("\n");
}

/** resources/queues.yml with resources more, at its end. */
export function withQueues(queues: string, blocks: readonly string[]): string {
  return [queues.trimEnd(), ...blocks.map((block) => block.trimEnd())].join("\n\n").concat("\n");
}

/** The logical id of the resource that a block of resources/queues.yml declares. */
function idOf(block: string): string | undefined {
  return /^ {2}(\w+):$/m.exec(block)?.[1];
}

/** resources/queues.yml without some resources, and the comments above them. */
export function withoutQueues(queues: string, ids: ReadonlySet<string>): string {
  const blocks = queues.trimEnd().split("\n\n");
  return blocks
    .filter((block) => !ids.has(idOf(block) ?? ""))
    .join("\n\n")
    .concat("\n");
}

/** A table or list in a source, with one more line at its end. */
function withLine(
  text: string,
  line: string,
  { file, begin, end }: { file: string; begin: string; end: string },
): string {
  const from = text.indexOf(begin);
  const to = text.indexOf(end, from);
  if (from < 0 || to < 0) throw new UserError(`${file} has no "${begin.trim()}" to add to.`);
  return `${text.slice(0, to + 1)}${line}${text.slice(to + 1)}`;
}

/** A text without the entries that begin like this, as far as those are lines of their own. */
function withoutEntries(text: string, beginnings: readonly string[]): string {
  const isOne = (line: string) => beginnings.some((begin) => line.startsWith(begin)) && line.endsWith("},");
  return text
    .split("\n")
    .filter((line) => !isOne(line))
    .join("\n");
}

/** The tests over all operations for agents, with one more sample. */
export function withSample(tests: string, line: string): string {
  return withLine(tests, line, { file: SAMPLES, begin: "const SAMPLES: ", end: "\n};\n" });
}

/** The same without the samples of some operations. */
export function withoutSamples(tests: string, operationIds: readonly string[]): string {
  return withoutEntries(
    tests,
    operationIds.map((id) => `  ${id}: {`),
  );
}

/** The calls of the Postman collection, with one more at the end of the work. */
export function withStep(scenario: string, line: string): string {
  return withLine(scenario, line, { file: SCENARIO, begin: "export const WORK: ", end: "\n];\n" });
}

/** The same without the calls of some operations. */
export function withoutSteps(scenario: string, operationIds: readonly string[]): string {
  return withoutEntries(
    scenario,
    operationIds.map((id) => `  { call: "${id}"`),
  );
}

const entryBegin = (deployed: string) => `- \`${deployed}\` (`;

/** The changelog with an entry more, behind what was added last. */
export function withEntry(changelog: string, deployed: string, trigger: string, about: string): string {
  const added = changelog.indexOf("\n### Added\n");
  if (added < 0) throw new UserError(`${CHANGELOG} has no section "Added" to add to.`);
  const next = changelog.slice(added + 1).search(/\n\n#/);
  const end = next < 0 ? changelog.trimEnd().length : added + 1 + next;
  return `${changelog.slice(0, end)}\n${entryBegin(deployed)}${trigger}): ${about}.${changelog.slice(end)}`;
}

/** The changelog without the entry of a function, as the generator has written it. */
export function withoutEntry(changelog: string, deployed: string): string {
  return changelog
    .split("\n")
    .filter((line) => !line.startsWith(entryBegin(deployed)))
    .join("\n");
}
