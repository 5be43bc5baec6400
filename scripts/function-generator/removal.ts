import { globSync, readdirSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { UserError } from "../api/user-error.ts";
import { functionLogicalId } from "../local/resolve-references.ts";
import type { Manifest } from "../workflow-guard/manifest.ts";
import type { Change } from "./change.ts";
import { type Mention, mentionsOf } from "./mentions.ts";
import { namesOf } from "./names.ts";
import type { DeclaredFunction, Repository } from "./repository.ts";
import {
  CHANGELOG,
  QUEUES,
  SAMPLES,
  SCENARIO,
  SERVICE,
  withoutDeclaration,
  withoutEntry,
  withoutQueues,
  withoutSamples,
  withoutSteps,
} from "./shared-files.ts";

const MANIFEST = "resources/lambda-workflow-manifest.json";

/** What goes with a function, and what speaks of it and stays. */
export interface Removal {
  changes: Change[];
  /** Logical ids of queues that were its own. */
  queues: string[];
  mentions: Mention[];
}

function declaredOf(name: string, repository: Repository): DeclaredFunction {
  const { folder } = namesOf(name);
  const found = repository.functions.find((declared) => declared.folder === folder);
  if (found) return found;
  const others = repository.functions.map((declared) => basename(declared.folder)).join(", ");
  throw new UserError(`There is no function '${name}'. There are: ${others}.`);
}

/** Its name without the ending of a stage. */
function deployedName({ name }: DeclaredFunction): string {
  return String(name).replace(/\$\{.*$/, "");
}

/** Every file below a folder, hidden ones too. */
function filesBelow(root: string, folder: string): string[] {
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => relative(root, join(parentPath, name)));
}

function filesOf(name: string, root: string): string[] {
  const tests = globSync(`test/*/functions/{${name},${name}.test.ts}`, { cwd: root });
  const [files = [], folders = []] = [true, false].map((isFile) =>
    tests.filter((path) => path.endsWith(".ts") === isFile),
  );
  return [...[`functions/${name}`, ...folders].flatMap((folder) => filesBelow(root, folder)), ...files].sort();
}

function workflowOf(folder: string, repository: Repository): string[] {
  const { functions } = JSON.parse(repository.read(MANIFEST)) as Manifest;
  return functions
    .filter(({ lambda_dir }) => lambda_dir === folder)
    .map(({ workflow_file }) => workflow_file)
    .filter((file) => repository.has(file));
}

/** The ids of the operations in a source. */
function operationIds(source: string): string[] {
  return [...source.matchAll(/^ {2}id: "(\w+)",$/gm)].map(([, id = ""]) => id);
}

/** The queues that the generator makes for a function, as far as no other one speaks of them. */
function ownQueues(name: string, repository: Repository, kept: readonly string[]): string[] {
  const { pascal } = namesOf(name);
  const ids = ["FailuresQueue", "FailuresPolicy", "Queue", "DeadLetterQueue"].map((ending) => `${pascal}${ending}`);
  const declared = ids.filter((id) => repository.resources.has(id));
  const others = kept.map((path) => repository.read(path));
  return declared.filter((id) => !others.some((text) => new RegExp(`\\b${id}\\b`).test(text)));
}

/** Where resources are spoken of by those who use them; alarms follow from what is declared. */
function referrers(repository: Repository, files: readonly string[]): string[] {
  const own = new Set([...files, QUEUES, "resources/alarms.yml"]);
  return ["functions/*/function.yml", "resources/*.yml", SERVICE]
    .flatMap((pattern) => globSync(pattern, { cwd: repository.root }))
    .filter((path) => !own.has(path));
}

/**
 * What has to be done so that a function is gone: its folder, tests and workflow, its line in serverless.yml, its queues,
 * its samples, its calls in the Postman collection and its entry in the changelog. What follows from the declarations is not among it.
 * @throws UserError where there is no such function
 */
export function planRemoval(name: string, repository: Repository): Removal {
  const declared = declaredOf(name, repository);
  const { folder, key } = declared;
  const deployed = deployedName(declared);
  const files = [...filesOf(name, repository.root), ...workflowOf(folder, repository)];
  const ids = files.filter((path) => path.endsWith(".ts")).flatMap((path) => operationIds(repository.read(path)));
  const queues = ownQueues(name, repository, referrers(repository, files));
  const edits: [path: string, edit: (text: string) => string][] = [
    [SERVICE, (text) => withoutDeclaration(text, folder)],
    [QUEUES, (text) => withoutQueues(text, new Set(queues))],
    [SAMPLES, (text) => withoutSamples(text, ids)],
    [SCENARIO, (text) => withoutSteps(text, ids)],
    [CHANGELOG, (text) => withoutEntry(text, deployed)],
  ];
  const edited = edits
    .map(([path, edit]): Change => {
      const before = repository.read(path);
      return { path, before, after: edit(before) };
    })
    .filter(({ before, after }) => before !== after);
  const deleted = files.map((path): Change => ({ path, before: repository.read(path), after: undefined }));
  const changes = [...deleted, ...edited];
  const names = [folder, deployed, functionLogicalId(key), ...ids];
  return { changes, queues, mentions: mentionsOf(names, key, repository.root, changes) };
}
