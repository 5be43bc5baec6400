import { createHash, randomUUID } from "node:crypto";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { PutCommand, TransactWriteCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { dynamodb } from "@enceladus/shared/dynamodb";
import { s3 } from "@enceladus/shared/s3";
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from "@jest/globals";
import fc from "fast-check";
import {
  createDocument,
  type DocumentTarget,
  documentWriter,
  getDocument,
  listHistory,
  sweepBodies,
  updateDocument,
} from "../../../domain/documents/index.ts";
import {
  bodiesInBucket,
  entriesOfDocument,
  expectDocumentsIntact,
  looseBodies,
  objectAt,
  rowOfDocument,
  useOwnBodiesTable,
} from "../../support/document-rows.ts";
import { type FaultSweep, sweepFaults } from "../../support/fault-sweep.ts";
import { type CommandClass, holdNext } from "../../support/held-call.ts";
import { anyName, makeProject } from "../../support/projects.ts";
import { actAs, clearFaults, directDynamodb, directS3, injectFault, realName } from "../../support/services.ts";

/** Of the random troubles. */
const RUNS = Number(process.env.DOCUMENT_RUNS ?? 5);
const DAY_MS = 24 * 3_600_000;
const ALL = { withContent: () => true, visible: "all" } as const;

const person = documentWriter({ mode: "cognito", sub: "s-1", email: "a@b.c", claims: {} });
const other = documentWriter({ mode: "internal-key", sub: "internal-key", claims: {} });
const foreigner = { ...person, visible: ["elsewhere"] };

let project: string;

beforeAll(async () => {
  actAs("documentApi");
  await useOwnBodiesTable();
  // Who waits a random time waits the shortest one.
  jest.spyOn(Math, "random").mockReturnValue(0);
  project = (await makeProject()).project_id;
});

afterEach(clearFaults);
afterAll(() => void jest.restoreAllMocks());

/** A project of which there is nothing but its row: each test looks at all that a project has. */
async function newProject(): Promise<string> {
  const project_id = anyName();
  await directDynamodb.send(new PutCommand({ TableName: realName("tables", "projects"), Item: { project_id } }));
  return project_id;
}

async function create(content = "# A\n", projectId = project, onceKey?: string) {
  const { document } = await createDocument({ project_id: projectId, title: "A", content }, person, onceKey);
  return document;
}

const update = (target: string | DocumentTarget, input: Record<string, unknown>, writer = person) =>
  updateDocument(typeof target === "string" ? { documentId: target } : target, input, writer);

const contentOf = async (id: string) => (await getDocument(id, ALL)).content;

const keyOf = (id: string, content: string, projectId = project) =>
  `agent-documents/${projectId}/${id}/${createHash("sha256").update(content).digest("hex")}.md`;

function putRow(row: Record<string, unknown>) {
  return directDynamodb.send(new PutCommand({ TableName: realName("tables", "documents"), Item: row }));
}

function putObject(Key: string, Body: string | Uint8Array) {
  return directS3.send(new PutObjectCommand({ Bucket: realName("buckets", "assets"), Key, Body }));
}

/** Runs something while one call of something else is held back. */
async function whileHeld<T>(
  client: object,
  kind: CommandClass,
  first: () => Promise<T>,
  meanwhile: () => Promise<unknown>,
) {
  const { met, letGo } = holdNext(client, kind);
  const waiting = first();
  waiting.catch(() => undefined);
  await met;
  await meanwhile();
  letGo();
  return waiting;
}

/** Runs something while the transaction of something else waits to be sent. */
const whileWriting = <T>(first: () => Promise<T>, meanwhile: () => Promise<unknown>) =>
  whileHeld(dynamodb(), TransactWriteCommand, first, meanwhile);

/** The next transaction is refused. */
const refuseNext = () =>
  injectFault({ service: "dynamodb", operation: "TransactWriteItems", error: "AccessDeniedException" });

describe("a document", () => {
  it.each([
    ["a byte order mark, CR LF and emoji", "\ufeff# ä\r\n🚀\r\n\u0000"],
    ["blanks alone", " \n\t"],
    ["1 MiB", "🚀".repeat(262_144)],
  ])("comes back byte for byte: %s", async (_, content) => {
    const made = await create(content);
    expect(made).toMatchObject({
      document_id: expect.stringMatching(/^DOC-[0-9A-F]{12}$/),
      s3_key: keyOf(made.document_id, content),
      file_name: `${made.document_id}.md`,
      content_type: "text/markdown",
      size_bytes: Buffer.byteLength(content),
      created_by: "a@b.c",
      updated_at: made.created_at,
      status: "active",
      version: 1,
      compliance_score: expect.any(Number),
    });
    expect(await getDocument(made.document_id, ALL)).toEqual({ document: made, content });
    const { bytes, ...headers } = await objectAt(keyOf(made.document_id, content));
    expect(bytes.equals(Buffer.from(content))).toBe(true);
    expect(headers).toEqual({
      contentType: "text/markdown; charset=utf-8",
      cacheControl: "max-age=0, s-maxage=300, must-revalidate",
    });
  });

  it("takes an edit of its fields without touching its content", async () => {
    const { document_id, ...made } = await create();
    const keywords = ["x", "y"];
    const { document, findings } = await update(document_id, { title: " B ", keywords, status: "archived" }, other);
    expect(document).toMatchObject({ title: "B", keywords, status: "archived", version: 2, s3_key: made.s3_key });
    expect(document).toMatchObject({ created_by: "a@b.c", updated_by: "internal-key" });
    expect(findings).toBeUndefined();
    expect(await contentOf(document_id)).toBe("# A\n");
  });

  it("takes the same content again as a version, but not as a second body", async () => {
    const id = await newProject();
    const { document_id } = await create("# A\n", id);
    const { document, findings } = await update(document_id, { content: "# A\n" });
    expect(document).toMatchObject({ version: 2, compliance_score: expect.any(Number) });
    expect(findings).toEqual(expect.any(Array));
    expect(await bodiesInBucket(id)).toEqual([document.s3_key]);
    expect(await looseBodies(id)).toEqual([]);
    await expectDocumentsIntact(id);
  });

  it("goes back to a content that it has had, and keeps what its readers may still read", async () => {
    const id = await newProject();
    const { document_id } = await create("# A\n", id);
    await update(document_id, { content: "# B\n" });
    expect(await looseBodies(id)).toEqual([keyOf(document_id, "# A\n", id)]);
    // It fails, and what it would have come back to is not taken from those who read the version before.
    await refuseNext();
    await expect(update(document_id, { content: "# A\n" })).rejects.toMatchObject({ code: "INTERNAL_ERROR" });
    expect(await bodiesInBucket(id)).toContain(keyOf(document_id, "# A\n", id));
    await update(document_id, { content: "# A\n" });
    expect(await looseBodies(id)).toEqual([keyOf(document_id, "# B\n", id)]);
    await sweepBodies(Date.now() + DAY_MS + 1_000);
    expect(await bodiesInBucket(id)).toEqual([keyOf(document_id, "# A\n", id)]);
    await expectDocumentsIntact(id);
  });

  it("has a history that tells what was done and by whom, newest first, and never a text", async () => {
    const { document_id } = await create("# a secret\n");
    await update(document_id, { content: "# another secret\n", title: "B" }, other);
    const first = await listHistory(document_id, { limit: 1, cursor: undefined }, "all");
    expect(first.items).toMatchObject([{ seq: 2, version: 2, actor: "internal-key", operation: "update" }]);
    const fields = first.items[0]?.changes.map(({ field }) => field);
    expect(fields).toEqual(expect.arrayContaining(["content_hash", "size_bytes", "title"]));
    const second = await listHistory(document_id, { limit: 1, cursor: first.nextCursor ?? "" }, "all");
    expect(second).toMatchObject({ items: [{ seq: 1, actor: "s-1", operation: "create" }], nextCursor: null });
    expect(JSON.stringify([first, second])).not.toContain("secret");
    await expect(listHistory(document_id, { limit: 1, cursor: "x" }, "all")).rejects.toMatchObject({
      code: "INVALID_INPUT",
    });
  });
});

describe("a document that is not there for a caller", () => {
  it("reads the same whether it does not exist or is another project's, before anything else is judged", async () => {
    const { document_id } = await create();
    for (const [id, writer] of [
      ["DOC-none", person],
      ["", person],
      ["x".repeat(3_000), person],
      [document_id, foreigner],
    ] as const) {
      const refusal = { code: "NOT_FOUND", message: `Document '${id}' not found.` };
      await expect(update(id, { title: 5 }, writer)).rejects.toMatchObject(refusal);
      await expect(getDocument(id, { ...ALL, visible: writer.visible })).rejects.toMatchObject(refusal);
      await expect(listHistory(id, { limit: 1, cursor: undefined }, writer.visible)).rejects.toMatchObject(refusal);
    }
  });

  it("cannot be made in a project that does not exist, is not seen, or cannot be looked up", async () => {
    const make = (project_id: string, writer = person) =>
      createDocument({ project_id, title: "A", content: "x" }, writer);
    const id = await newProject();
    await expect(make("nowhere-at-all")).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: expect.stringContaining("nowhere-at-all"),
    });
    await expect(make(id, foreigner)).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: `Project '${id}' not found.`,
    });
    await injectFault({ service: "dynamodb", operation: "GetItem", error: "AccessDeniedException" });
    await expect(make(id)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(await bodiesInBucket(id)).toEqual([]);
  });

  it("cannot be given a reserved keyword by a person, nor edited where it has one", async () => {
    process.env.GOVERNANCE_PROJECT_ID = project;
    const reserved = { project_id: project, title: "A", content: "x", keywords: ["Governance-File"] };
    await expect(createDocument(reserved, person)).rejects.toMatchObject({ code: "FORBIDDEN" });
    const { document } = await createDocument(reserved, other);
    await expect(update(document.document_id, { keywords: [] })).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(update((await create()).document_id, reserved)).rejects.toMatchObject({ code: "FORBIDDEN" });
    delete process.env.GOVERNANCE_PROJECT_ID;
  });
});

describe("a document whose content cannot be read", () => {
  it("says so where its body is missing, and fails where nobody knows", async () => {
    const { document_id } = await create();
    await injectFault({ service: "s3", operation: "GetObject", error: "AccessDenied" });
    await expect(getDocument(document_id, ALL)).rejects.toMatchObject({ code: "INTERNAL_ERROR", retryable: true });
    await putRow({ ...(await rowOfDocument(document_id)), s3_key: "agent-documents/none.md" });
    expect(await getDocument(document_id, ALL)).toMatchObject({ contentError: "NOT_FOUND" });
    expect(await getDocument(document_id, { ...ALL, withContent: () => false })).not.toHaveProperty("contentError");
  });

  it("is mended by whoever sends the same content again", async () => {
    const made = await create("# A\n");
    await putRow({ ...(await rowOfDocument(made.document_id)), s3_key: keyOf(made.document_id, "# B\n") });
    await update(made.document_id, { content: "# B\n" });
    expect(await contentOf(made.document_id)).toBe("# B\n");
  });
});

describe("a document of an older writer", () => {
  it("is read, and edited as version 0, and its body moves to a place of its own", async () => {
    const id = await newProject();
    const document_id = `legacy_${randomUUID()}`;
    const former = `agent-documents/${id}/${document_id}.md`;
    await putRow({ document_id, project_id: id, title: "Old", keywords: new Set(["b", "a"]), more: { x: 1 } });
    await putObject(former, Buffer.from([0x23, 0x20, 0xff, 0x0a]));
    const read = await getDocument(document_id, ALL);
    expect(read).toMatchObject({ document: { keywords: ["a", "b"], version: 0 }, content: "# \ufffd\n" });
    await expect(update(document_id, { title: "B", expected_version: 3 })).rejects.toMatchObject({
      code: "VERSION_CONFLICT",
      details: { current_version: 0 },
    });
    await update({ documentId: document_id, preconditions: { ifMatch: ["0"] } }, { title: "B", expected_version: 0 });
    const { document } = await update(document_id, { content: "# New\n" });
    expect(document).toMatchObject({ title: "B", version: 2, s3_key: keyOf(document_id, "# New\n", id) });
    expect(await rowOfDocument(document_id)).toMatchObject({ more: { x: 1 }, keywords: new Set(["a", "b"]) });
    expect(await looseBodies(id)).toEqual([former]);
    await expectDocumentsIntact(id);
    await sweepBodies(Date.now() + DAY_MS + 1_000);
    expect(await bodiesInBucket(id)).toEqual([document.s3_key]);
  });

  it("does not take along a file that is not its own", async () => {
    const { document_id } = await create();
    const reference = `mobile/v1/reference/${project}.md`;
    await putRow({ ...(await rowOfDocument(document_id)), s3_key: reference });
    await update(document_id, { content: "# New\n" });
    await sweepBodies(Date.now() + DAY_MS + 1_000);
    expect((await objectAt(reference)).bytes.byteLength).toBeGreaterThan(0);
  });
});

describe("two writers at once", () => {
  const next_action = expect.any(String);

  it("one wins, and the text of the other is nowhere; it is told what it lost against", async () => {
    const id = await newProject();
    const { document_id } = await create("# A\n", id);
    const losing = whileWriting(
      () => update(document_id, { content: "# of the loser\n" }),
      () => update(document_id, { content: "# of the winner\n" }, other),
    );
    await expect(losing).rejects.toMatchObject({
      code: "CONFLICT",
      details: { current_version: 2, updated_by: "internal-key", changed_fields: expect.any(Array), next_action },
    });
    const [row] = await expectDocumentsIntact(id);
    expect(await contentOf(document_id)).toBe("# of the winner\n");
    const texts = ["# A\n", "# of the winner\n"];
    expect(await bodiesInBucket(id)).toEqual(texts.map((text) => keyOf(document_id, text, id)).sort());
    expect(row).toMatchObject({ version: 2 });
  });

  it.each([
    [{ expected_version: 1 }, {}, "VERSION_CONFLICT"],
    [{}, { ifMatch: ["1"] }, "PRECONDITION_FAILED"],
    [{}, { ifMatch: "*" as const }, "CONFLICT"],
  ])(
    "the one that named a version (%j, %j) is told %s, too late or just in time",
    async (body, preconditions, code) => {
      const { document_id } = await create();
      const target = { documentId: document_id, preconditions };
      const losing = whileWriting(
        () => update(target, { title: "B", ...body }),
        () => update(document_id, { description: "d" }),
      );
      const details = { current_version: 2, changed_fields: ["description"], next_action };
      await expect(losing).rejects.toMatchObject({ code, details });
      if (code === "CONFLICT") return;
      await expect(update(target, { title: "B", ...body })).rejects.toMatchObject({ code, details });
    },
  );

  it("with the same content, it stays when one of them wins", async () => {
    const id = await newProject();
    const { document_id } = await create("# A\n", id);
    const same = () => update(document_id, { content: "# same\n" });
    await expect(whileWriting(same, same)).rejects.toMatchObject({ code: "CONFLICT" });
    expect(await contentOf(document_id)).toBe("# same\n");
    await expectDocumentsIntact(id);
    expect(await looseBodies(id)).toEqual([keyOf(document_id, "# A\n", id)]);
  });

  it("with the same content, it stays when the one that comes too late fails", async () => {
    const id = await newProject();
    const { document_id } = await create("# A\n", id);
    const same = () => update(document_id, { content: "# same\n" });
    const late = whileHeld(dynamodb(), UpdateCommand, same, async () => {
      await same();
      await refuseNext();
    });
    await expect(late).rejects.toMatchObject({ code: "INTERNAL_ERROR" });
    expect(await contentOf(document_id)).toBe("# same\n");
    expect(await looseBodies(id)).toEqual([keyOf(document_id, "# A\n", id)]);
    await expectDocumentsIntact(id);
  });

  it("with the same content, it stays for the one that is on its way when the other one takes its own back", async () => {
    const id = await newProject();
    const { document_id } = await create("# A\n", id);
    const same = () => update(document_id, { content: "# same\n" });
    await whileWriting(same, async () => {
      await refuseNext();
      await expect(same()).rejects.toMatchObject({ code: "INTERNAL_ERROR" });
      expect(await looseBodies(id)).toEqual([keyOf(document_id, "# same\n", id)]);
    });
    expect(await contentOf(document_id)).toBe("# same\n");
    await expectDocumentsIntact(id);
  });

  it("with the same content, it is nowhere when both lose, however late it is put", async () => {
    const id = await newProject();
    const { document_id } = await create("# A\n", id);
    const same = () => update(document_id, { content: "# same\n" });
    const late = whileHeld(s3(), PutObjectCommand, same, async () => {
      await refuseNext();
      await expect(same()).rejects.toMatchObject({ code: "INTERNAL_ERROR" });
      await update(document_id, { title: "B" });
    });
    await expect(late).rejects.toMatchObject({ code: "CONFLICT" });
    expect(await bodiesInBucket(id)).toEqual([keyOf(document_id, "# A\n", id)]);
    expect(await looseBodies(id)).toEqual([]);
  });

  it("each gets a version or a refusal, however many there are", async () => {
    const id = await newProject();
    const { document_id } = await create("# A\n", id);
    const edits = Array.from({ length: 16 }, (_, index) => update(document_id, { content: `# ${index % 3}\n` }));
    const outcomes = await Promise.allSettled(edits);
    const won = outcomes.filter(({ status }) => status === "fulfilled").length;
    const codes = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason.code] : []));
    expect(won).toBeGreaterThan(0);
    expect(new Set([...codes, "CONFLICT"])).toEqual(new Set(["CONFLICT"]));
    const [row] = await expectDocumentsIntact(id);
    expect(row?.version).toBe(1 + won);
  });
});

describe("a new document", () => {
  it("is made once under one key, by however many at once", async () => {
    const id = await newProject();
    const key = randomUUID();
    const made = await Promise.all(Array.from({ length: 20 }, () => create("# A\n", id, key)));
    expect(new Set(made.map((document) => JSON.stringify(document))).size).toBe(1);
    const rows = await expectDocumentsIntact(id);
    expect(rows.map(({ document_id }) => document_id)).toEqual([made[0]?.document_id]);
    expect(await bodiesInBucket(id)).toEqual([made[0]?.s3_key]);
    expect(await looseBodies(id)).toEqual([]);
    expect(await entriesOfDocument(made[0]?.document_id ?? "")).toHaveLength(1);
  });

  it("draws another id where one is taken, and leaves the document that has it alone", async () => {
    const id = await newProject();
    const first = await create("# A\n", id);
    const draw = (ids: string[]) => () => ids.shift() ?? "none left";
    const input = { project_id: id, title: "A", content: "# A\n" };
    const free = `DOC-${randomUUID()}`;
    const taken = [first.document_id, first.document_id];
    const { document } = await createDocument(input, person, undefined, draw([...taken, free]));
    expect(document.document_id).toBe(free);
    await expect(createDocument(input, person, undefined, draw([...taken, ...taken]))).rejects.toMatchObject({
      code: "INTERNAL_ERROR",
    });
    expect(await expectDocumentsIntact(id)).toHaveLength(2);
    expect(await looseBodies(id)).toEqual([]);
  });
});

describe("whichever AWS call fails or loses its answer", () => {
  interface Input {
    project: string;
    document_id: string;
    key: string;
  }

  const arrange = async (): Promise<Input> => {
    const id = await newProject();
    return { project: id, document_id: (await create("# A\n", id)).document_id, key: randomUUID() };
  };

  /** After the writers and their readers are gone, the bucket has what the rows name, and nothing else. */
  const afterADay = async (id: string) => {
    const rows = await expectDocumentsIntact(id);
    await sweepBodies(Date.now() + DAY_MS + 1_000);
    expect(await looseBodies(id)).toEqual([]);
    expect(await bodiesInBucket(id)).toEqual(rows.map(({ s3_key }) => s3_key).sort());
  };

  /** Every call of the operation has been befallen by every fault. */
  async function sweep<Result>(calls: number, operation: Omit<FaultSweep<Input, Result>, "arrange">, from = arrange) {
    const swept = await sweepFaults<Input, Result>({ arrange: from, ...operation });
    // After a refusal further calls are made, to take back what was written.
    expect(swept.refused).toBeGreaterThanOrEqual(calls);
    expect(swept["answer lost"]).toBeGreaterThanOrEqual(calls);
    if (!operation.faults) expect(swept["answer lost once"]).toBe(calls);
  }

  it("a document is made with its body or not at all, and a repeat makes it", async () => {
    const make = ({ project: id, key }: Input) => create("# made\n", id, key);
    const made = async (id: string) => (await expectDocumentsIntact(id)).length;
    await sweep(
      4,
      {
        act: make,
        invariants: async ({ project: id }, { status }) => {
          const count = await made(id);
          if (status === "fulfilled") expect(count).toBe(1);
          else expect(count).toBeLessThanOrEqual(1);
        },
        retry: async (input) => {
          const { document_id } = await make(input);
          expect(await contentOf(document_id)).toBe("# made\n");
          expect(await made(input.project)).toBe(1);
          await afterADay(input.project);
        },
      },
      async () => ({ project: await newProject(), document_id: "", key: randomUUID() }),
    );
  }, 120_000);

  it("a document that was made before is found again, and what the repeat brought is gone after a day", async () => {
    const again = ({ project: id, key }: Input) => create("# made\n", id, key);
    await sweep(
      8,
      {
        faults: ["refused", "answer lost"],
        act: again,
        invariants: async ({ project: id, document_id }, outcome) => {
          expect((await expectDocumentsIntact(id)).map((row) => row.document_id)).toEqual([document_id]);
          if (outcome.status === "fulfilled") expect(outcome.value).toMatchObject({ document_id });
        },
        retry: async (input) => {
          expect(await again(input)).toMatchObject({ document_id: input.document_id });
          await afterADay(input.project);
        },
      },
      async () => {
        const [id, key] = [await newProject(), randomUUID()];
        return { project: id, document_id: (await create("# made\n", id, key)).document_id, key };
      },
    );
  }, 120_000);

  it.each([
    ["with a content", 4, { content: "# B\n", title: "B" }, "# B\n"],
    ["with the same content", 3, { content: "# A\n", title: "B" }, "# A\n"],
    ["without a content", 2, { title: "B" }, "# A\n"],
  ])(
    "an edit %s takes place or not, and a repeat makes it take place once",
    async (_, calls, input, content) => {
      const edit = ({ document_id, key }: Input) => update({ documentId: document_id, onceKey: key }, input);
      await sweep(calls, {
        act: edit,
        invariants: async ({ project: id }, { status }) => {
          const [row] = await expectDocumentsIntact(id);
          if (status === "fulfilled") expect(row).toMatchObject({ title: "B", version: 2 });
          else expect([1, 2]).toContain(row?.version);
        },
        retry: async (again) => {
          expect((await edit(again)).document).toMatchObject({ title: "B", version: 2 });
          expect(await rowOfDocument(again.document_id)).toMatchObject({ title: "B", version: 2 });
          expect(await contentOf(again.document_id)).toBe(content);
          await afterADay(again.project);
        },
      });
    },
    120_000,
  );
});

describe("in any trouble", () => {
  const fault = fc.record(
    {
      nth: fc.integer({ min: 1, max: 40 }),
      effect: fc.constantFrom({ error: "AccessDeniedException" }, { dropAnswer: true as const }, { delayMs: 100 }),
    },
    { requiredKeys: ["nth", "effect"] },
  );

  it("a row has its body, and nothing is left for ever that no row names", async () => {
    const trouble = fc.asyncProperty(
      fc.array(fault, { maxLength: 8 }),
      fc.array(fc.constantFrom("# A\n", "# B\n", "# C\n"), { minLength: 2, maxLength: 10 }),
      async (faults, contents) => {
        const id = await newProject();
        const { document_id } = await create("# A\n", id);
        for (const { nth, effect } of faults) await injectFault({ nth, times: 1_000, ...effect });
        await Promise.allSettled(contents.map((content) => update(document_id, { content })));
        await clearFaults();
        await expectDocumentsIntact(id);
        await sweepBodies(Date.now() + DAY_MS + 1_000);
        expect(await looseBodies(id)).toEqual([]);
        const [row] = await expectDocumentsIntact(id);
        expect(await bodiesInBucket(id)).toEqual([row?.s3_key]);
      },
    );
    await fc.assert(trouble, { numRuns: RUNS, endOnFailure: true });
  }, 600_000);
});

describe("the sweep", () => {
  it("takes a body from a writer that it takes for dead, and the writer puts it again", async () => {
    const id = await newProject();
    const { document_id } = await create("# A\n", id);
    await whileWriting(
      () => update(document_id, { content: "# B\n" }),
      () => sweepBodies(Date.now() + DAY_MS + 1_000),
    );
    expect(await contentOf(document_id)).toBe("# B\n");
    await expectDocumentsIntact(id);
  });

  it("lets bodies alone for a day, then keeps what is named and removes the rest, in whatever order it is told", async () => {
    const id = await newProject();
    const { document_id } = await create("# A\n", id);
    await update(document_id, { content: "# B\n" });
    // A writer that crashed between its body and its row.
    await refuseNext();
    await injectFault({ service: "dynamodb", operation: "UpdateItem", skip: 1, error: "AccessDeniedException" });
    await expect(update(document_id, { content: "# C\n" })).rejects.toMatchObject({ code: "INTERNAL_ERROR" });
    const texts = ["# A\n", "# B\n", "# C\n"].map((text) => keyOf(document_id, text, id));
    await sweepBodies(Date.now() + DAY_MS - 60_000);
    expect(await bodiesInBucket(id)).toEqual(texts.sort());
    // One body that cannot be removed does not keep the others from it; the next sweep goes on with it.
    await injectFault({ service: "s3", operation: "DeleteObject", error: "AccessDenied" });
    expect((await sweepBodies(Date.now() + DAY_MS + 1_000)).failed).toBe(1);
    const sweeps = await Promise.all([sweepBodies(Date.now() + 2 * DAY_MS), sweepBodies(Date.now() + 2 * DAY_MS)]);
    expect(sweeps).toMatchObject([
      { failed: 0, finished: true },
      { failed: 0, finished: true },
    ]);
    expect(await bodiesInBucket(id)).toEqual([keyOf(document_id, "# B\n", id)]);
    expect(await looseBodies(id)).toEqual([]);
    await expectDocumentsIntact(id);
  });
});
