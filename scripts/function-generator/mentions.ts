import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Change } from "./change.ts";

/** A line that speaks of something. */
export interface Mention {
  path: string;
  line: number;
  text: string;
}

const FOLDERS = "{.ci,.github,bench,docs,domain,functions,layers,middleware,resources,scripts,test}";
const PLACES = [`${FOLDERS}/**/*.{ts,cjs,yml,json,md,sh}`, "*.{md,yml,json,ts}"];

/** What is written anew of what is declared, or does not speak of functions. */
const LEFT_OUT = [
  /(^|\/)node_modules\//,
  /^test\/fixtures\//,
  /^docs\/(api\.md|openapi\.json)$/,
  /^functions\/not-found\/routes\.json$/,
  /^resources\/(alarms\.yml|lambda-workflow-manifest\.json)$/,
  /^package-lock\.json$/,
];

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

/**
 * The lines of a repository that speak of a function by one of its names, after some changes.
 * @param names as words of their own
 * @param key as a text in quotes, since it may be an ordinary word
 */
export function mentionsOf(names: readonly string[], key: string, root: string, changes: readonly Change[]): Mention[] {
  const changed = new Map(changes.map(({ path, after }) => [path, after]));
  const words = `(?<![\\w-])(?:${names.map(escaped).join("|")})(?![\\w-])|"${escaped(key)}"`;
  const speaks = new RegExp(words);
  const paths = PLACES.flatMap((pattern) => globSync(pattern, { cwd: root, exclude: ["**/node_modules"] }));
  return [...new Set(paths)]
    .sort()
    .filter((path) => !LEFT_OUT.some((pattern) => pattern.test(path)))
    .flatMap((path) => {
      const text = changed.has(path) ? (changed.get(path) ?? "") : readFileSync(join(root, path), "utf8");
      return text
        .split("\n")
        .flatMap((line, index) => (speaks.test(line) ? [{ path, line: index + 1, text: line.trim() }] : []));
    });
}
