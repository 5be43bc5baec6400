import { describe, expect, it } from "@jest/globals";
import { openApiDocument } from "../../../scripts/openapi/document.ts";
import { servedOperations } from "../../../scripts/openapi/operations.ts";
import { type Collection, postmanCollection } from "../../../scripts/postman/collection.ts";
import { LOCAL, postmanEnvironment } from "../../../scripts/postman/environment.ts";
import { itemOf } from "../../../scripts/postman/item.ts";

const operations = (await servedOperations()).flatMap((served) => served.operations);
const document = openApiDocument(operations, "0");

function requests(collection: Collection, folder: string) {
  return collection.item.find(({ name }) => name === folder)?.item.map(({ request }) => request) ?? [];
}

function operationOf(id: string) {
  const found = operations.find((operation) => operation.id === id);
  if (!found) throw new Error(`there is no operation ${id}`);
  return found;
}

describe("the Postman collection", () => {
  const collection = postmanCollection(operations, document);
  const all = collection.item.flatMap(({ item }) => item);

  it("calls every operation", () => {
    const called = new Set(all.map(({ id }) => id.split("-").at(-1)));
    expect([...called].sort()).toEqual(operations.map(({ id }) => id).sort());
  });

  it("has no call twice under one id", () => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  });

  it("cannot be made when an operation has no call", () => {
    const more = { ...operationOf("getProject"), id: "getSomethingNew" };
    expect(() => postmanCollection([...operations, more], document)).toThrow("no call of getSomethingNew");
  });

  it("cannot be made when a call is of no operation", () => {
    const fewer = operations.filter(({ id }) => id !== "getProject");
    expect(() => postmanCollection(fewer, document)).toThrow("calls getProject, which is no operation");
  });

  it("has each caller present a credential of its own, and nobody else's", () => {
    const headers = (folder: string) =>
      requests(collection, folder).flatMap(({ header }) => header.map(({ value }) => value));
    expect(headers("An agent")).toContain("Bearer {{agentKey}}");
    expect(headers("A trusted service")).toContain("{{internalKey}}");
    expect(headers("A person")).toContain("enceladus_id_token={{idToken}}");
    expect(headers("An agent").join()).not.toMatch(/idToken|internalKey/);
    expect(headers("Without a credential")).toEqual([]);
  });

  it("signs what programs of the account call", () => {
    const signed = all.filter(({ request }) => request.auth?.type === "awsv4");
    expect(signed.map(({ id }) => id)).toEqual([expect.stringContaining("prepareDocuments")]);
  });

  it("takes the older addresses for the trusted service, with the same values", () => {
    const urls = requests(collection, "A trusted service").map(({ url }) => url.raw);
    expect(urls).toEqual(expect.arrayContaining(["{{baseUrl}}/submit", "{{baseUrl}}/{{project}}/task/{{task}}"]));
  });

  it("holds no value of a secret", () => {
    const secrets = postmanEnvironment("any", LOCAL).values.filter(({ type }) => type === "secret");
    expect(secrets.map(({ key, value }) => [key, value])).toEqual([
      ["idToken", ""],
      ["refreshToken", ""],
      ["internalKey", ""],
      ["awsSecretAccessKey", "local"],
    ]);
  });
});

describe("a call of the collection", () => {
  const getProject = operationOf("getProject");
  const at = { id: "x", caller: "cookie", declared: [200, 404], isOlder: false } as const;
  const exec = (step: Parameters<typeof itemOf>[0]) => itemOf(step, getProject, at).event[0]?.script.exec.join("\n");

  it("needs a value for each part of the path", () => {
    expect(() => itemOf({ call: "getProject" }, getProject, at)).toThrow("no value for projectName");
  });

  it("cannot expect a status that is not documented", () => {
    const step = { call: "getProject", params: { projectName: "a" }, status: 418 };
    expect(() => itemOf(step, getProject, at)).toThrow("does not declare the status 418");
  });

  it("looks at the envelope where it expects an error", () => {
    const params = { projectName: "a" };
    expect(exec({ call: "getProject", params, status: 404 })).toContain("error_envelope");
    expect(exec({ call: "getProject", params })).not.toContain("error_envelope");
  });

  it("is made again until there is what it waits for", () => {
    const step = { call: "getProject", params: { projectName: "a" }, awaits: "project.spec" };
    expect(exec(step)).toContain("answer.project?.spec !== undefined");
    expect(exec(step)).toContain("setNextRequest(pm.info.requestId)");
  });
});
