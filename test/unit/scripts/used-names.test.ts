import { describe, expect, it } from "@jest/globals";
import { importsOf } from "../../../scripts/layer/used-names.ts";

function used(source: string): Record<string, string[] | "all"> {
  return Object.fromEntries(
    [...importsOf(source)].map(([name, names]) => [name, names === "all" ? names : [...names]]),
  );
}

describe("what a module takes of others", () => {
  it.each<[string, Record<string, string[] | "all">]>([
    ['import { a, b as c } from "m";', { m: ["a", "b"] }],
    ['import d, { a } from "m";', { m: ["default", "a"] }],
    ['import "m";', { m: [] }],
    ['import type { A } from "m";', {}],
    ['import { type A } from "m";', {}],
    ['import { type A, b } from "m";', { m: ["b"] }],
    ['export { a as b } from "m";', { m: ["a"] }],
    ['export type { A } from "m";', {}],
    ['export * from "m";', { m: "all" }],
    ['import * as m from "m"; m.a(m.b); type T = m.C;', { m: ["a", "b"] }],
    ['import * as m from "m"; use(m);', { m: "all" }],
    ['const { a, b: c } = await import("m");', { m: ["a", "b"] }],
    ['const { a, ...rest } = await import("m");', { m: "all" }],
    ['const m = await import("m");', { m: "all" }],
    ['import("m").then(use);', { m: "all" }],
    ['import { a } from "m"; async function f() { const { b } = await import("m"); }', { m: ["a", "b"] }],
    ["import(name);", {}],
  ])("%s", (source, expected) => {
    expect(used(source)).toStrictEqual(expected);
  });
});
