import { type Operation, takesCredential } from "@enceladus/middleware/operation";
import type { OpenApiDocument } from "../openapi/document.ts";
import { type Caller, type Item, itemOf } from "./item.ts";
import { CLOSING, OPENING, REFUSALS, type Step, WORK } from "./scenario.ts";

interface Folder {
  name: string;
  description: string;
  item: readonly Item[];
}

/** A Postman collection, format 2.1. */
export interface Collection {
  info: { name: string; description: string; schema: string };
  item: readonly Folder[];
  event: readonly { listen: "prerequest"; script: { type: "text/javascript"; exec: readonly string[] } }[];
  variable: readonly { key: string; value: string }[];
}

const DESCRIPTION =
  "Every call of the API, in an order in which each has what it needs: once by a person, once by an agent with a key, " +
  "once by a trusted service (at the older addresses, where there are any). Generated from the operations by `npm run postman`.";

/** Each run has a project of its own. */
const CHOOSE_PROJECT = [
  `if (!pm.collectionVariables.get("project")) {`,
  `  const letter = () => String.fromCharCode(65 + Math.floor(Math.random() * 26));`,
  `  const prefix = pm.environment.get("ownPrefix") || letter() + letter() + letter();`,
  `  pm.collectionVariables.set("prefix", prefix);`,
  `  pm.collectionVariables.set("project", "tour-" + prefix.toLowerCase());`,
  `}`,
];

function accepts(operation: Operation, caller: Caller): boolean {
  // What is no matter of a credential of ours is called once, by the first of the callers.
  if (!takesCredential(operation.auth)) return caller === "cookie";
  return operation.auth.some((credential) => credential === caller);
}

/** The statuses that each operation's documentation has, by id. */
function declaredStatuses(document: OpenApiDocument): Map<string, number[]> {
  const methods = Object.values(document.paths).flatMap((path) => Object.values(path));
  return new Map(methods.map(({ operationId, responses }) => [operationId, Object.keys(responses).map(Number)]));
}

/**
 * The collection that calls each of the operations.
 * @param document the OpenAPI document of the same operations
 * @throws Error for an operation that no step calls, and for a step of no operation
 */
export function postmanCollection(operations: readonly Operation[], document: OpenApiDocument): Collection {
  const byId = new Map(operations.map((operation) => [operation.id, operation]));
  const declared = declaredStatuses(document);
  const called = new Set<string>();

  function folder(name: string, description: string, caller: Caller, steps: readonly Step[]): Folder {
    const found = steps.map((step) => {
      const operation = byId.get(step.call);
      if (!operation) throw new Error(`the scenario calls ${step.call}, which is no operation`);
      return { step, operation };
    });
    const item = found
      .filter(({ operation }) => caller === "nobody" || accepts(operation, caller))
      .map(({ step, operation }, index) => {
        called.add(operation.id);
        const id = `${name.toLowerCase().replaceAll(" ", "-")}-${index + 1}-${operation.id}`;
        const isOlder = caller === "internal-key";
        return itemOf(step, operation, { id, caller, declared: declared.get(operation.id) ?? [], isOlder });
      });
    return { name, description, item };
  }

  const item = [
    folder("Opening", "A project, and a key for an agent.", "cookie", OPENING),
    folder("A person", "With the session cookie.", "cookie", WORK),
    folder("An agent", "With the key that was issued to it.", "agent-key", WORK),
    folder("A trusted service", "With the internal key.", "internal-key", WORK),
    folder("Refusals", "Each with the one envelope of errors.", "cookie", REFUSALS),
    folder("Without a credential", "Nobody is told anything.", "nobody", [
      { ...(WORK.find(({ call }) => call === "listRecords") as Step), status: 401 },
    ]),
    folder("Closing", "The key and the session come to their end.", "cookie", CLOSING),
  ];
  const missing = operations.filter(({ id }) => !called.has(id)).map(({ id }) => id);
  if (missing.length > 0) throw new Error(`scripts/postman/scenario.ts has no call of ${missing.join(", ")}`);
  return {
    info: {
      name: "Enceladus",
      description: DESCRIPTION,
      schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
    },
    item,
    event: [{ listen: "prerequest", script: { type: "text/javascript", exec: CHOOSE_PROJECT } }],
    variable: [],
  };
}
