import { describe, expect, it } from "@jest/globals";
import { type BuildOptions, buildSync } from "esbuild";
import { withoutDocumentation } from "../../../scripts/bundle/without-documentation.ts";

/** What is left after the bundler has dropped what nobody uses. */
function bundled(source: string): string {
  const contents = withoutDocumentation(source);
  const options: BuildOptions & { write: false } = {
    bundle: true,
    write: false,
    format: "esm",
    external: ["operation", "zod"],
  };
  return buildSync({ ...options, stdin: { contents, loader: "js" } }).outputFiles[0]?.text ?? "";
}

const SOURCE = `
import { operation } from "operation";
import * as z from "zod";
const answer = z.object({ thing: z.string().max(5) });
const params = z.object({ id: z.string() });
const wrap = (schema) => z.array(schema);
const page = wrap(answer);
export const getThing = operation({
  id: "getThing", params,
  responses: { 200: { description: "The thing", schema: page } },
  handler: async ({ params }) => { check(params); await audit(params); return read(params); },
});
start();
`;

describe("a deployed module of operations", () => {
  const code = bundled(SOURCE);

  it("has no answers, and nothing that was made for them alone", () => {
    expect(code).toContain("responses: {}");
    expect(code).not.toContain("max(5)");
    expect(code).not.toContain("z.array");
  });

  it("keeps what is used", () => {
    expect(code).toContain("z.object({ id:");
    expect(code).toContain('id: "getThing"');
  });

  it("keeps every call inside a function, and those that are statements", () => {
    for (const call of ["check(params", "audit(params", "read(params", "start()"]) expect(code).toContain(call);
  });

  it("leaves properties of that name elsewhere alone", () => {
    expect(withoutDocumentation("plan({ responses: [1] });")).toBe("plan({ responses: [1] });");
  });
});
