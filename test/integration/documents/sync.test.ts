import { randomUUID } from "node:crypto";
import { DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from "@jest/globals";
import {
  documentWriter,
  forgetRuns,
  INTERVAL_MS,
  sweepBodies,
  syncFile,
  updateDocument,
} from "../../../domain/documents/index.ts";
import { handler as upkeep } from "../../../functions/document-upkeep/handler.ts";
import { byKey, issueKey } from "../../support/agent-keys.ts";
import { logDuring } from "../../support/captured-log.ts";
import { moveClock } from "../../support/clock.ts";
import { documents } from "../../support/document-api.ts";
import {
  bodiesInBucket,
  entriesOfDocument,
  expectDocumentsIntact,
  looseBodies,
  objectAt,
  rowsOfProject,
  useOwnBodiesTable,
} from "../../support/document-rows.ts";
import { sweepFaults } from "../../support/fault-sweep.ts";
import { makeProject } from "../../support/projects.ts";
import {
  actAs,
  callsDuring,
  clearFaults,
  directDynamodb,
  directS3,
  faultsMet,
  injectFault,
  realName,
} from "../../support/services.ts";

const DAY_MS = 24 * 3_600_000;
const SYNC = "document-api-sync";
const GOVERNANCE = "governance-file";
const REFERENCE = "project-reference";
const Bucket = realName("buckets", "assets");
const service = documentWriter({ mode: "internal-key", sub: "internal-key", claims: {} });

/** Of its own for each test, governance included. */
let project: string;
let prefix: string;

beforeAll(async () => {
  actAs("documentApi");
  await useOwnBodiesTable();
});

beforeEach(async () => {
  // Who waits a random time waits the shortest one.
  jest.spyOn(Math, "random").mockReturnValue(0);
  project = (await makeProject()).project_id;
  prefix = `governance/${project}`;
  Object.assign(process.env, { GOVERNANCE_PROJECT_ID: project, S3_GOVERNANCE_PREFIX: prefix });
});

afterEach(async () => {
  jest.restoreAllMocks();
  await clearFaults();
});

const put = (Key: string, Body: string | Uint8Array) => directS3.send(new PutObjectCommand({ Bucket, Key, Body }));
const remove = (Key: string) => directS3.send(new DeleteObjectCommand({ Bucket, Key }));
const referenceKey = (id = project) => `mobile/v1/reference/${id}.md`;
const governed = (name: string) => `${prefix}/${name}`;

/** A search as a container makes it that has not made one lately. */
function search(keyword: string, more: Record<string, string> = {}) {
  forgetRuns();
  return documents("GET", "/search", undefined, { query: { project, keyword, ...more } });
}

async function found(keyword: string, more?: Record<string, string>) {
  const { status, body } = await search(keyword, more);
  expect([status, body]).toEqual([200, expect.not.objectContaining({ warnings: expect.anything() })]);
  return body.documents;
}

const operationsOf = async (work: () => Promise<unknown>) =>
  (await callsDuring(work)).map(({ operation }) => operation).sort();

const WRITES = ["PutObject", "TransactWriteItems", "UpdateItem", "DeleteObject"];

async function rowOf(name: string) {
  return (await rowsOfProject(project)).find(({ file_name }) => file_name === name);
}

async function textOf(name: string): Promise<string> {
  return (await objectAt((await rowOf(name))?.s3_key ?? "")).bytes.toString();
}

/** Runs something while the write of something else waits to be made. */
async function whileWriting(first: () => Promise<unknown>, meanwhile: () => Promise<unknown>): Promise<void> {
  await injectFault({ service: "dynamodb", operation: "TransactWriteItems", delayMs: 400 });
  const waiting = first();
  waiting.catch(() => undefined);
  await faultsMet();
  await meanwhile();
  await waiting;
}

describe("the reference document of a project", () => {
  it("is a document from the first search on, costs nothing while it is the same, and follows its file", async () => {
    const name = `${project}-reference.md`;
    const [first] = await found(REFERENCE);
    expect(first).toMatchObject({
      document_id: expect.stringMatching(/^DOC-[0-9A-F]{12}$/),
      title: `${project} Project Reference`,
      file_name: name,
      keywords: [project, REFERENCE, "reference"].sort(),
      related_items: [],
      created_by: SYNC,
      updated_by: SYNC,
      version: 1,
      compliance_score: expect.any(Number),
    });
    expect(first).not.toHaveProperty("source");
    const { bytes } = await objectAt(referenceKey());
    expect((await documents("GET", `/${first?.document_id}`)).body.content).toBe(bytes.toString());

    const calls = await callsDuring(() => found(REFERENCE));
    const s3 = calls.filter((call) => call.service === "s3");
    expect(s3).toMatchObject([{ operation: "GetObject", status: 304 }]);
    expect(calls.filter(({ operation }) => WRITES.includes(operation))).toEqual([]);

    await put(referenceKey(), "\ufeff# New\r\n");
    expect(await found(REFERENCE)).toMatchObject([{ document_id: first?.document_id, version: 2 }]);
    expect(await textOf(name)).toBe("\ufeff# New\r\n");
    const entries = await entriesOfDocument(first?.document_id ?? "");
    expect(entries.map(({ operation, actor }) => [operation, actor])).toEqual([
      ["sync", SYNC],
      ["sync", SYNC],
    ]);
    expect(entries[1]?.changes.map(({ field }) => field)).not.toContain("source");
    await expectDocumentsIntact(project);

    // It is no governance file whose file is gone, though it be found as one.
    await updateDocument({ documentId: first?.document_id ?? "" }, { keywords: [REFERENCE, GOVERNANCE] }, service);
    expect(await found(GOVERNANCE)).toMatchObject([{ document_id: first?.document_id, status: "active" }]);
  });

  it("is what somebody has made for it, and what is written there does not stay", async () => {
    const made = { project_id: project, title: "Own", content: "# Own\n", keywords: [REFERENCE, "x"] };
    // Of another project than that of the governance files: there people could not make it.
    process.env.GOVERNANCE_PROJECT_ID = "another";
    const { document_id } = (await documents("PUT", "", made)).body;
    const file = (await objectAt(referenceKey())).bytes.toString();
    const follows = async (version: number) => {
      expect(await found(REFERENCE)).toMatchObject([
        { document_id, title: "Own", version, keywords: [project, REFERENCE, "reference", "x"].sort() },
      ]);
      expect((await documents("GET", `/${document_id}`)).body.content).toBe(file);
    };
    await follows(2);
    expect((await documents("PATCH", `/${document_id}`, { content: "# Mine\n" })).status).toBe(200);
    await follows(4);
    await expectDocumentsIntact(project);
  });

  it("is where its row says, and there is none where no row is", async () => {
    const Key = { project_id: project, record_id: `reference#${project}` };
    const TableName = realName("tables", "devops-project-tracker");
    const elsewhere = `mobile/v1/reference/${project}/elsewhere.txt`;
    const set = (UpdateExpression: string, ExpressionAttributeValues?: Record<string, string>) =>
      directDynamodb.send(new UpdateCommand({ TableName, Key, UpdateExpression, ExpressionAttributeValues }));
    await put(elsewhere, "elsewhere");
    await set("SET s3_key = :key REMOVE s3_bucket", { ":key": elsewhere });
    await found(REFERENCE);
    expect(await textOf(`${project}-reference.md`)).toBe("elsewhere");
    await set("REMOVE s3_key");
    await found(REFERENCE);
    expect(await textOf(`${project}-reference.md`)).toBe((await objectAt(referenceKey())).bytes.toString());
    expect(await syncFile(referenceKey("no-such-project"))).toBe("skipped");
  });

  it("is nobody's business who may not see the project", async () => {
    const { secret } = await issueKey({ scopes: ["documents:read"], projects: [(await makeProject()).project_id] });
    const ask = (id: string) => {
      forgetRuns();
      const query = { project: id, keyword: REFERENCE };
      return documents("GET", "/search", undefined, { query, headers: byKey(secret) });
    };
    const calls = await operationsOf(async () => {
      expect((await ask(project)).text).toBe((await ask("no-such-project")).text);
    });
    expect(calls).not.toContain("GetObject");
    expect(await rowsOfProject(project)).toEqual([]);
  });
});

describe("governance files", () => {
  const FILES: Record<string, string | Buffer> = {
    "agents.md": "# Agents\n",
    "agents/ä b+c&<d>%20.MARKDOWN": "# Odd\n",
    "bin/tool": Buffer.from([0, 255, 254, 10]),
    "empty.md": Buffer.alloc(0),
  };

  it("are documents each, byte for byte, and told to be the same by one listing", async () => {
    for (const [name, bytes] of Object.entries(FILES)) await put(governed(name), bytes);
    await put(governed("folder/"), Buffer.alloc(0));
    expect(await found(GOVERNANCE)).toHaveLength(4);
    const rows = await expectDocumentsIntact(project);
    expect(rows.map(({ file_name }) => file_name).sort()).toEqual(Object.keys(FILES).sort());
    for (const row of rows) {
      const name = row.file_name ?? "";
      const isMarkdown = name !== "bin/tool";
      expect(row).toMatchObject({
        title: `Governance: ${name}`,
        keywords: ["coordination", "enceladus", "governance", GOVERNANCE, "mcp"],
        s3_key: expect.stringMatching(/^agent-documents\/.*\.md$/),
      });
      expect((await objectAt(row.s3_key ?? "")).bytes).toEqual(Buffer.from(FILES[name] ?? "none"));
      expect(Object.keys(row).filter((field) => field.startsWith("compliance_"))).toHaveLength(isMarkdown ? 3 : 0);
    }
    const again = async () => {
      const operations = await operationsOf(() => found(GOVERNANCE));
      expect(operations.filter((operation) => WRITES.includes(operation))).toEqual([]);
      return operations.filter((operation) => ["ListObjectsV2", "GetObject"].includes(operation));
    };
    expect(await again()).toEqual(["ListObjectsV2"]);

    // A row of an older writer does not know its file, and is not written for that.
    const Key = { document_id: rows[0]?.document_id };
    const TableName = realName("tables", "documents");
    const UpdateExpression = "REMOVE #source";
    const ExpressionAttributeNames = { "#source": "source" };
    await directDynamodb.send(new UpdateCommand({ TableName, Key, UpdateExpression, ExpressionAttributeNames }));
    expect(await again()).toEqual(["GetObject", "ListObjectsV2"]);
    expect(await again()).toEqual(["ListObjectsV2"]);
  });

  it("that go are archived, and are active again when they come back, also with the same content", async () => {
    await put(governed("a.md"), "# A\n");
    await put(governed("b.md"), "# B\n");
    await found(GOVERNANCE);
    await remove(governed("a.md"));
    expect(await found(GOVERNANCE)).toMatchObject([{ file_name: "b.md", version: 1 }]);
    expect(await found(GOVERNANCE, { status: "archived" })).toMatchObject([{ file_name: "a.md", version: 2 }]);
    await put(governed("a.md"), "# A\n");
    await found(GOVERNANCE);
    expect(await rowOf("a.md")).toMatchObject({ status: "active", version: 3 });
    await expectDocumentsIntact(project);
  });

  it("that somebody has archived come back when they change, and what people have made stays", async () => {
    await put(governed("a.md"), "# A\n");
    const own = {
      project_id: project,
      title: "Governance: own",
      content: "x",
      file_name: "own.md",
    };
    await documents("PUT", "", own);
    const [made] = await found(GOVERNANCE);
    await updateDocument({ documentId: made?.document_id ?? "" }, { status: "archived" }, service);
    await found(GOVERNANCE);
    expect(await rowOf("a.md")).toMatchObject({ status: "archived", version: 2 });
    await put(governed("a.md"), "# A2\n");
    await found(GOVERNANCE);
    expect(await rowOf("a.md")).toMatchObject({ status: "active", version: 3 });
    expect(await rowOf("own.md")).toMatchObject({ status: "active", version: 1 });
  });

  it("that are found under no keyword any more are found by their id, and carry it again", async () => {
    await put(governed("a.md"), "# A\n");
    const [made] = await found(GOVERNANCE);
    await updateDocument({ documentId: made?.document_id ?? "" }, { keywords: ["x"], title: "X" }, service);
    await found(GOVERNANCE);
    const [row, ...more] = await expectDocumentsIntact(project);
    expect(row).toMatchObject({ document_id: made?.document_id, title: "X", version: 3 });
    expect(row?.keywords).toEqual(expect.arrayContaining([GOVERNANCE, "x"]));
    expect(more).toEqual([]);
  });

  it("that cannot be taken do not keep the others from it; it is told and counted", async () => {
    for (const name of ["a.md", "b.md", "c.md"]) await put(governed(name), name);
    const match = { key: governed("b.md") };
    await injectFault({ service: "s3", operation: "GetObject", match, error: "AccessDenied" });
    const { lines } = await logDuring(async () => {
      const { status, body } = await search(GOVERNANCE);
      expect([status, body]).toMatchObject([200, { count: 2, warnings: ["reference sync failed"] }]);
    });
    expect(lines).toContainEqual(
      expect.objectContaining({ message: "governance_file_not_synced", key: governed("b.md") }),
    );
    const counted = { kind: "governance", document_sync: 1 };
    expect(lines).toContainEqual(expect.objectContaining({ ...counted, outcome: "failed" }));
    expect(lines).toContainEqual(expect.objectContaining({ ...counted, outcome: "created", document_sync: 2 }));
    expect(await found(GOVERNANCE)).toHaveLength(3);
  });

  it("that cannot be listed leave the search with what there is", async () => {
    await put(governed("a.md"), "# A\n");
    await found(GOVERNANCE);
    await put(governed("a.md"), "# A2\n");
    await injectFault({ service: "s3", operation: "ListObjectsV2", error: "AccessDenied" });
    const { status, body } = await search(GOVERNANCE);
    expect([status, body.warnings, body.documents]).toMatchObject([200, ["reference sync failed"], [{ version: 1 }]]);
    // Further pages are the rest of a first one.
    expect((await search(GOVERNANCE, { cursor: "x" })).status).toBe(400);
  });

  it("are of the governance project alone", async () => {
    await put(governed("a.md"), "# A\n");
    process.env.GOVERNANCE_PROJECT_ID = "another";
    const calls = await operationsOf(() => found(GOVERNANCE));
    expect(calls).not.toContain("ListObjectsV2");
    expect(await rowsOfProject(project)).toEqual([]);
  });

  it("that another project's document stands in the way of are left alone", async () => {
    await put(governed("a.md"), "# A\n");
    const [made] = await found(GOVERNANCE);
    const Key = { document_id: made?.document_id };
    const set = {
      UpdateExpression: "SET project_id = :other",
      ExpressionAttributeValues: { ":other": `${project}-2` },
    };
    await directDynamodb.send(new UpdateCommand({ TableName: realName("tables", "documents"), Key, ...set }));
    await expect(syncFile(governed("a.md"))).rejects.toMatchObject({ code: "INTERNAL_ERROR" });
    expect(await rowsOfProject(`${project}-2`)).toMatchObject([{ version: 1 }]);
  });
});

describe("at once", () => {
  it("however many bring a file, it is one version", async () => {
    await put(governed("a.md"), "# A\n");
    const many = () => Promise.all(Array.from({ length: 4 }, () => syncFile(governed("a.md"))));
    expect((await many()).filter((outcome) => outcome === "created")).toHaveLength(1);
    await put(governed("a.md"), "# A2\n");
    expect((await many()).filter((outcome) => outcome === "updated")).toHaveLength(1);
    expect(await expectDocumentsIntact(project)).toMatchObject([{ version: 2 }]);
    await remove(governed("a.md"));
    expect(await many()).toContain("archived");
    expect(await expectDocumentsIntact(project)).toMatchObject([{ version: 3, status: "archived" }]);
  });

  it("an edit that was faster stays, and so does the newest file", async () => {
    await put(governed("a.md"), "# A\n");
    const [made] = await found(GOVERNANCE);
    const documentId = made?.document_id ?? "";
    await put(governed("a.md"), "# older\n");
    await whileWriting(
      () => syncFile(governed("a.md")),
      () => updateDocument({ documentId }, { title: "Edited" }, service),
    );
    expect(await rowOf("a.md")).toMatchObject({ title: "Edited", version: 3 });
    await put(governed("a.md"), "# of the slow one\n");
    await whileWriting(
      () => syncFile(governed("a.md")),
      async () => {
        await put(governed("a.md"), "# newest\n");
        await syncFile(governed("a.md"));
      },
    );
    expect(await rowOf("a.md")).toMatchObject({ version: 4 });
    expect(await textOf("a.md")).toBe("# newest\n");
    expect(await bodiesInBucket(project)).toHaveLength(3);
    await expectDocumentsIntact(project);
  });

  it("a file that comes back while its document is archived is shown", async () => {
    await put(governed("a.md"), "# A\n");
    await found(GOVERNANCE);
    await remove(governed("a.md"));
    await whileWriting(
      () => syncFile(governed("a.md")),
      async () => {
        await put(governed("a.md"), "# A\n");
        // It finds the document as it should be.
        expect(await syncFile(governed("a.md"))).toBe("unchanged");
      },
    );
    expect(await rowOf("a.md")).toMatchObject({ status: "active" });
    await expectDocumentsIntact(project);
  });

  it("searches follow the files once, and again a moment later", async () => {
    await put(governed("a.md"), "# A\n");
    forgetRuns();
    const query = { project, keyword: GOVERNANCE };
    const once = async () => {
      const { body } = await documents("GET", "/search", undefined, { query });
      expect(body.count).toBe(1);
    };
    const listings = async (work: () => Promise<unknown>) =>
      (await operationsOf(work)).filter((operation) => operation === "ListObjectsV2").length;
    expect(await listings(() => Promise.all(Array.from({ length: 8 }, once)))).toBe(1);
    expect(await listings(once)).toBe(0);
    moveClock(INTERVAL_MS);
    expect(await listings(once)).toBe(1);
  });
});

describe("whichever AWS call fails or loses its answer", () => {
  it("a document agrees with its file or is as it was, and the next one to come brings it there", async () => {
    const swept = await sweepFaults({
      arrange: async () => {
        const { project_id } = await makeProject();
        await syncFile(referenceKey(project_id));
        await put(referenceKey(project_id), "# New\n");
        return project_id;
      },
      act: (id) => syncFile(referenceKey(id)),
      invariants: async (id, { status }) => {
        const [row] = await expectDocumentsIntact(id);
        if (status === "fulfilled") expect(row?.version).toBe(2);
        else expect([1, 2]).toContain(row?.version);
      },
      retry: async (id) => {
        await syncFile(referenceKey(id));
        const [row, ...more] = await expectDocumentsIntact(id);
        expect([row?.version, more]).toEqual([2, []]);
        expect((await objectAt(row?.s3_key ?? "")).bytes.toString()).toBe("# New\n");
        await sweepBodies(Date.now() + DAY_MS + 1_000);
        expect([await looseBodies(id), await bodiesInBucket(id)]).toEqual([[], [row?.s3_key]]);
      },
    });
    // Pointer, list, row, file; announcement, body, transaction.
    expect(swept).toMatchObject({ "answer lost once": 7 });
  }, 120_000);
});

describe("the upkeep", () => {
  const objectEvent = (key: string, detailType = "Object Created", bucket = Bucket) => ({
    version: "0",
    id: randomUUID(),
    "detail-type": detailType,
    source: "aws.s3",
    account: "000000000000",
    time: "2026-01-01T00:00:00Z",
    region: "us-east-1",
    resources: [`arn:aws:s3:::${bucket}`],
    // What it says of the content is of no account.
    detail: { version: "0", bucket: { name: bucket }, object: { key, etag: "0", size: 1, sequencer: "0" } },
  });

  const scheduled = { ...objectEvent(""), source: "aws.events", "detail-type": "Scheduled Event", detail: {} };

  it("follows each file whatever event comes when, and however often", async () => {
    const log: ReturnType<typeof objectEvent>[] = [];
    const happens = async (name: string, text?: string) => {
      const key = name === REFERENCE ? referenceKey() : governed(name);
      await (text === undefined ? remove(key) : put(key, text));
      log.push(objectEvent(key, text === undefined ? "Object Deleted" : "Object Created"));
    };
    const deliver = async () => {
      const events = [...log, ...log, ...log].map((event, at) => ({ event, order: (at * 7_919) % 31 }));
      const shuffled = events.sort((one, other) => one.order - other.order);
      for (let at = 0; at < shuffled.length; at += 4) {
        await Promise.all(shuffled.slice(at, at + 4).map(({ event }) => upkeep(event, {})));
      }
    };
    await happens("a.md", "# A\n");
    await happens("b.md", "# B\n");
    await happens(REFERENCE, "# R\n");
    await deliver();
    await happens("a.md", "# A2\n");
    await happens("a.md", "# A3\n");
    await happens("b.md");
    await happens("c.md", "# C\n");
    await happens("c.md");
    await deliver();
    const rows = await expectDocumentsIntact(project);
    const states = rows.map(({ file_name, status, version }) => [file_name, status, version]);
    expect(states.sort()).toEqual(
      [
        ["a.md", "active", 2],
        ["b.md", "archived", 2],
        [`${project}-reference.md`, "active", 1],
      ].sort(),
    );
    expect(await textOf("a.md")).toBe("# A3\n");
    await sweepBodies(Date.now() + DAY_MS + 1_000);
    expect(await bodiesInBucket(project)).toEqual(rows.map(({ s3_key }) => s3_key).sort());
  });

  it("passes over what no document shows, and other buckets", async () => {
    const calls = await operationsOf(async () => {
      await upkeep(objectEvent(governed("folder/")), {});
      await upkeep(objectEvent("mobile/v1/reference/folder/a.md"), {});
      await upkeep(objectEvent("mobile/v1/reference/a.txt"), {});
      await upkeep(objectEvent(governed("a.md"), "Object Created", "another"), {});
    });
    expect(calls).toEqual([]);
  });

  it("fails loudly, so that the event is delivered again", async () => {
    await put(governed("a.md"), "# A\n");
    await injectFault({ service: "s3", operation: "GetObject", error: "AccessDenied" });
    const { lines } = await logDuring(async () => {
      await expect(upkeep(objectEvent(governed("a.md")), {})).rejects.toMatchObject({ code: "INTERNAL_ERROR" });
      await expect(upkeep({ ...scheduled, source: "aws.ec2" }, {})).rejects.toThrow("aws.ec2");
      await expect(upkeep({ ...scheduled, source: "aws.s3" }, {})).rejects.toThrow();
    });
    expect(lines).toContainEqual(expect.objectContaining({ event_failed: 1, source: "aws.s3" }));
    await upkeep(objectEvent(governed("a.md")), {});
    expect(await rowOf("a.md")).toMatchObject({ version: 1 });
  });

  it("sweeps the bodies that nobody names any more, as far as its time goes", async () => {
    await put(governed("a.md"), "# A\n");
    await syncFile(governed("a.md"));
    await put(governed("a.md"), "# A2\n");
    await syncFile(governed("a.md"));
    await upkeep(scheduled, { getRemainingTimeInMillis: () => 50_000 });
    expect(await bodiesInBucket(project)).toHaveLength(2);
    moveClock(DAY_MS + 1_000);
    const { lines } = await logDuring(() => upkeep(scheduled, { getRemainingTimeInMillis: () => 50_000 }));
    expect(await bodiesInBucket(project)).toEqual([(await rowOf("a.md"))?.s3_key]);
    expect(lines).toContainEqual(
      expect.objectContaining({ outcome: "removed", document_body_swept: expect.any(Number) }),
    );
    expect(lines).toContainEqual(
      expect.objectContaining({ message: "event", result: expect.objectContaining({ finished: true }) }),
    );
  });
});
