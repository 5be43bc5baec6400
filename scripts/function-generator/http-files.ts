import { parameterNames } from "@enceladus/middleware/router";
import { type Change, created } from "./change.ts";
import type { HttpChoice } from "./choice.ts";
import { looksUpProject, takesAgents } from "./declaration.ts";
import { namesOf } from "./names.ts";

const quoted = (text: string) => JSON.stringify(text);

/** What the operation is called: `getPriceList`. */
export function operationId({ name, method }: HttpChoice): string {
  return `${method.toLowerCase()}${namesOf(name).pascal}`;
}

function hasBody({ method }: HttpChoice): boolean {
  return method !== "GET" && method !== "DELETE";
}

const HANDLER = `import { httpFunction } from "@enceladus/middleware/http-function";
import { operations } from "./operations.ts";

export const handler = httpFunction(operations);
`;

const PROJECT_RULE = `project: {
    of: ({ projectId }) => projectId,
    exists: async (projectId) => (await getProject(projectId)).kind !== "missing",
    refusal: (projectId) => notFound(\`Project '\${projectId}' is not registered.\`),
  },`;

/** The fields of the answer, each with its schema and where it comes from. */
function answerFields(choice: HttpChoice): { name: string; schema: string; value: string }[] {
  const ofPath = parameterNames(choice.path).map((name) => ({
    name: name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    schema: "z.string()",
    value: `params.${name}`,
  }));
  return hasBody(choice) ? [...ofPath, { name: "note", schema: "z.string()", value: "body.note" }] : ofPath;
}

function operationsText(choice: HttpChoice): string {
  const parameters = parameterNames(choice.path);
  const agents = takesAgents(choice);
  const project = looksUpProject(choice);
  const fields = answerFields(choice);
  const bounds = agents ? [project ? PROJECT_RULE : 'project: "in-handler",'] : [];
  const params = parameters.map((name) => `${name}: z.string()`).join(", ");
  const schemas = [
    ...(parameters.length > 0 ? [`params: z.object({ ${params} }),`] : []),
    ...(hasBody(choice) ? ["body: z.object({ note: z.string().trim().min(1).max(500) }),"] : []),
  ];
  const call = [...(parameters.length > 0 ? ["params"] : []), ...(hasBody(choice) ? ["body"] : [])];
  return `import { operation } from "@enceladus/middleware/operation";
import { reply } from "@enceladus/middleware/reply";
${project ? 'import { notFound } from "@enceladus/shared/errors";\n' : ""}import * as z from "zod";
${project ? 'import { getProject } from "../../domain/projects/index.ts";\n' : ""}
const ${operationId(choice)} = operation({
  id: ${quoted(operationId(choice))},
  method: ${quoted(choice.method)},
  path: ${quoted(choice.path)},
  tag: ${quoted(choice.name)},
  summary: ${quoted(choice.about)},
  auth: ${agents ? '["cookie", "agent-key"]' : '["cookie"]'},
  scope: ${quoted(choice.scope)},
${[...bounds, ...schemas].map((line) => `  ${line}\n`).join("")}  responses: {
    200: {
      description: ${quoted(choice.about)},
      schema: z.object({ success: z.literal(true), ${fields.map(({ name, schema }) => `${name}: ${schema}`).join(", ")} }),
    },
  },
  handler: async (${call.length > 0 ? `{ ${call.join(", ")} }` : ""}) =>
    reply(200, { success: true, ${fields.map(({ name, value }) => `${name}: ${value}`).join(", ")} }),
});

/** What ${choice.name} serves. */
export const operations = [${operationId(choice)}];
`;
}

function testText(choice: HttpChoice): string {
  const { folder } = namesOf(choice.name);
  const parameters = parameterNames(choice.path);
  const project = looksUpProject(choice);
  const filled = choice.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    name === "projectId" && project ? `\${projectId}` : "x",
  );
  const fields = answerFields(choice).map(({ name }) =>
    name === "note" ? 'note: "Mind the gap"' : name === "project_id" && project ? "project_id" : `${name}: "x"`,
  );
  const body = hasBody(choice);
  const given = [
    ...(project ? ["projectId: string"] : []),
    ...(body ? ['body: unknown = { note: "Mind the gap" }'] : []),
  ];
  const home = project ? "    const { project_id } = await makeProject();\n" : "";
  const first = project ? "project_id" : "";
  const supports = project ? 'import { anyName, makeProject } from "../../support/projects.ts";\n' : "";
  const unregistered = `
  it("refuses a project that is not registered", async () => {
    expect(await call(anyName())).toMatchObject({ status: 404, body: { error_envelope: { code: "NOT_FOUND" } } });
  });
`;
  const noteless = `
  it("refuses a body without a note, and names the field", async () => {
${home}    expect(await call(${first ? `${first}, ` : ""}{})).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining("note"), error_envelope: { code: "INVALID_INPUT" } },
    });
  });
`;
  return `import { describe, expect, it } from "@jest/globals";
import { handler } from "../../../${folder}/handler.ts";
import { callFunction } from "../../support/call-function.ts";
${supports}import { signIn } from "../../support/services.ts";

const call = (${given.join(", ")}) =>
  callFunction(handler, {
    method: ${quoted(choice.method)},
    path: ${parameters.length > 0 && project ? `\`${filled}\`` : quoted(filled)},
    headers: { cookie: signIn() },
    ${body ? "body," : ""}
  });

describe(${quoted(`${choice.method} ${choice.path}`)}, () => {
  it("answers who may call it", async () => {
${home}    expect(await call(${first})).toMatchObject({ status: 200, body: { success: true, ${fields.join(", ")} } });
  });
${project ? unregistered : ""}${body ? noteless : ""}});
`;
}

/** How the tests over all operations for agents call it with success: a line of their table. */
export function sampleLine(choice: HttpChoice): string | undefined {
  if (!takesAgents(choice)) return undefined;
  return `  ${operationId(choice)}: ${hasBody(choice) ? '{ body: { note: "x" } }' : "{}"},\n`;
}

/** How the Postman collection calls it: a line of its steps. */
export function stepLine(choice: HttpChoice): string {
  const params = parameterNames(choice.path).map((name) => `${name}: "${name === "projectId" ? "{{project}}" : "x"}"`);
  const parts = [
    `call: ${quoted(operationId(choice))}`,
    ...(params.length > 0 ? [`params: { ${params.join(", ")} }`] : []),
    ...(hasBody(choice) ? ['body: { note: "Mind the gap" }'] : []),
  ];
  return `  { ${parts.join(", ")} },\n`;
}

/** The sources and tests of a function that is called over HTTP. */
export function httpFiles(choice: HttpChoice): Change[] {
  const { folder, name } = namesOf(choice.name);
  return [
    created(`${folder}/handler.ts`, HANDLER),
    created(`${folder}/operations.ts`, operationsText(choice)),
    created(`test/integration/functions/${name}.test.ts`, testText(choice)),
  ];
}
