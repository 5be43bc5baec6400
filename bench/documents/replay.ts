import type * as s3 from "@aws-sdk/client-s3";
import type * as lib from "@aws-sdk/lib-dynamodb";

/** A call as a function has made it. */
interface Call {
  command: string;
  input: object;
}

/** Calls that were on their way at the same time. */
export type Wave = Call[];

interface Recordable {
  middlewareStack: {
    add: (middleware: never, options: { step: "initialize"; name: string }) => void;
    remove: (name: string) => boolean;
  };
}

const NAME = "bench-recorder";

/** Takes down what clients of AWS are asked for while some work is done, in the order in which it was asked. */
export async function recorded(clients: readonly Recordable[], work: () => Promise<unknown>): Promise<Wave[]> {
  const waves: Wave[] = [];
  let underWay = 0;
  const recorder =
    (next: (args: { input: object }) => Promise<unknown>, { commandName }: { commandName: string }) =>
    async (args: { input: object }) => {
      if (underWay === 0) waves.push([]);
      waves.at(-1)?.push({ command: commandName, input: structuredClone(args.input) });
      underWay += 1;
      try {
        return await next(args);
      } finally {
        underWay -= 1;
      }
    };
  for (const { middlewareStack } of clients) middlewareStack.add(recorder as never, { step: "initialize", name: NAME });
  await work();
  for (const { middlewareStack } of clients) middlewareStack.remove(NAME);
  return waves;
}

/** The names of the commands of the client below, by those of the document client. */
const DOCUMENT_COMMANDS = {
  GetItemCommand: "GetCommand",
  BatchGetItemCommand: "BatchGetCommand",
  QueryCommand: "QueryCommand",
  UpdateItemCommand: "UpdateCommand",
  TransactWriteItemsCommand: "TransactWriteCommand",
} as const satisfies Record<string, keyof typeof lib>;

/** Makes recorded calls again, and nothing besides. */
export class Replay {
  readonly #database: lib.DynamoDBDocumentClient;
  readonly #files: s3.S3Client;
  readonly #library: typeof lib;
  readonly #fileLibrary: typeof s3;

  constructor(
    clients: { database: lib.DynamoDBDocumentClient; files: s3.S3Client },
    libraries: { lib: typeof lib; s3: typeof s3 },
  ) {
    this.#database = clients.database;
    this.#files = clients.files;
    this.#library = libraries.lib;
    this.#fileLibrary = libraries.s3;
  }

  async #send({ command, input }: Call): Promise<void> {
    if (command === "GetObjectCommand") {
      const { Body } = await this.#files.send(
        new this.#fileLibrary.GetObjectCommand(input as s3.GetObjectCommandInput),
      );
      await Body?.transformToByteArray();
      return;
    }
    if (command === "PutObjectCommand") {
      await this.#files.send(new this.#fileLibrary.PutObjectCommand(input as s3.PutObjectCommandInput));
      return;
    }
    const name = DOCUMENT_COMMANDS[command as keyof typeof DOCUMENT_COMMANDS];
    if (!name) throw new Error(`the bench does not know how to make a ${command} again`);
    await this.#database.send(new this.#library[name](input as never) as lib.GetCommand);
  }

  async make(waves: readonly Wave[]): Promise<void> {
    for (const wave of waves) await Promise.all(wave.map((call) => this.#send(call)));
  }
}

/** The same calls about another thing: each of its names in place of the one that was recorded. */
export function about(
  waves: readonly Wave[],
  names: readonly (readonly [recorded: string, instead: string])[],
): Wave[] {
  const renamed = (value: unknown): unknown => {
    if (typeof value === "string") return names.reduce((text, [from, to]) => text.replaceAll(from, to), value);
    if (Array.isArray(value)) return value.map(renamed);
    if (value instanceof Set) return new Set([...value].map(renamed));
    if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, renamed(part)]));
  };
  return waves.map((wave) => wave.map(({ command, input }) => ({ command, input: renamed(input) as object })));
}
