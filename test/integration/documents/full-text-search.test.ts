import { BatchWriteCommand } from "@aws-sdk/lib-dynamodb";
import { dynamodb } from "@enceladus/shared/dynamodb";
import { beforeAll, describe, expect, it } from "@jest/globals";
import pLimit from "p-limit";
import { listKey, placeOf } from "../../../domain/documents/full-text/keys.ts";
import { indexDocument, searchText, type TextSearch } from "../../../domain/documents/index.ts";
import { anyName } from "../../support/projects.ts";
import { actAs, callsDuring, directDynamodb, realName } from "../../support/services.ts";

beforeAll(() => actAs("documentIndexer"));

/** Texts by the ids of their documents; what stands before a `|` is the title. */
async function indexAll(project_id: string, texts: Record<string, string>, status = "active"): Promise<void> {
  for (const [document_id, text] of Object.entries(texts)) {
    const [title = "", body = ""] = text.includes("|") ? text.split("|") : ["", text];
    await indexDocument({ document_id, project_id, title, status, version: 1 }, async () => body);
  }
}

function search(projectId: string, text: string, rest: Partial<TextSearch> = {}) {
  return searchText({ projectId, text, status: "active", limit: 10, ...rest });
}

async function idsFound(projectId: string, text: string, rest: Partial<TextSearch> = {}): Promise<string[]> {
  return (await search(projectId, text, rest)).matches.map(({ documentId }) => documentId);
}

describe("a search", () => {
  it("finds documents with all of the words, the best first, and says where they have them", async () => {
    const project = anyName();
    const [title, often, once, other] = ["title", "often", "once", "other"].map((name) => `DOC-${project}-${name}`);
    await indexAll(project, {
      [`${title}`]: "Deployments|How the telescope gets there.",
      [`${often}`]: "We deploy the telescope. Deploying is what deployments do.",
      [`${once}`]:
        "Once, when we deploy, a telescope is looked through by many people who have seen many other things.",
      [`${other}`]: "A telescope that nobody ships.",
    });
    const { matches, total, totalIsLowerBound, nextCursor } = await search(project, "Deploy telescopes!");
    expect(matches.map(({ documentId }) => documentId)).toStrictEqual([title, often, once]);
    expect([total, totalIsLowerBound, nextCursor]).toStrictEqual([3, false, null]);
    expect(matches[0]?.matched).toStrictEqual([
      { word: "Deploy", fields: ["title"] },
      { word: "telescopes", fields: ["body"] },
    ]);
    expect(await idsFound(project, "deploy nothing")).toStrictEqual([]);
    expect(await idsFound(anyName(), "telescope")).toStrictEqual([]);
  });

  it("finds an identifier where it stands, else its parts", async () => {
    const project = anyName();
    const [whole, parts] = ["whole", "parts"].map((name) => `DOC-${project}-${name}`);
    await indexAll(project, {
      [`${whole}`]: "It calls `claims_next()` and foo.bar; see ENC-TSK-001.",
      [`${parts}`]: "The next of the claims, a list of ready records.",
    });
    expect(await idsFound(project, "claims_next")).toStrictEqual([whole]);
    expect(await idsFound(project, "claims next")).toHaveLength(2);
    expect(await idsFound(project, "listReadyRecords")).toStrictEqual([parts]);
    expect(
      (await search(project, "listReadyRecords")).matches[0]?.matched.map(({ word }) => word).sort(),
    ).toStrictEqual(["Ready", "Records", "list"]);
    expect(await idsFound(project, "enc-tsk-001")).toStrictEqual([whole]);
    expect(await idsFound(project, "enc-tsk-002")).toStrictEqual([]);
  });

  it("tells the statuses apart, also when one changes", async () => {
    const project = anyName();
    const [kept, moved] = ["kept", "moved"].map((name) => `DOC-${project}-${name}`);
    await indexAll(project, { [`${kept}`]: "telescope", [`${moved}`]: "telescope telescope" });
    expect(await idsFound(project, "telescope")).toStrictEqual([moved, kept]);
    const archived = { document_id: `${moved}`, project_id: project, title: "", status: "archived", version: 2 };
    await indexDocument(archived, async () => "telescope telescope");
    expect(await idsFound(project, "telescope")).toStrictEqual([kept]);
    expect(await idsFound(project, "telescope", { status: "archived" })).toStrictEqual([moved]);
    expect(await idsFound(project, "telescope", { status: undefined })).toStrictEqual([moved, kept]);
    expect(await idsFound(project, "telescope", { status: "lost" })).toStrictEqual([]);
  });

  it("goes on with a cursor in the order that it began with, also where documents have come in since", async () => {
    const project = anyName();
    const ids = Array.from({ length: 7 }, (_, index) => `DOC-${project}-${index}`);
    await indexAll(project, Object.fromEntries(ids.map((id, index) => [id, `telescope ${"dome ".repeat(index % 3)}`])));
    const whole = await search(project, "telescope");
    expect(whole.total).toBe(7);
    const paged: unknown[] = [];
    let cursor: string | undefined;
    do {
      const page = await search(project, "telescope", { limit: 2, cursor });
      expect(page.total).toBe(7);
      paged.push(...page.matches);
      if (cursor === undefined) await indexAll(project, { [`DOC-${project}-new`]: "long ".repeat(500) });
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(paged).toStrictEqual(whole.matches);
    const { nextCursor } = await search(project, "telescope", { limit: 2 });
    for (const foreign of [
      search(project, "dome", { cursor: `${nextCursor}` }),
      search(project, "telescope", { cursor: "x" }),
    ]) {
      await expect(foreign).rejects.toMatchObject({
        code: "INVALID_INPUT",
        message: expect.stringContaining("cursor"),
      });
    }
  });
});

describe("the work of a search", () => {
  /** Postings as if so many documents had a term. */
  async function plant(projectId: string, term: string, ids: readonly string[]): Promise<void> {
    const table = realName("tables", "document-terms");
    const limit = pLimit(8);
    const rows = ids.map((id) => ({
      PutRequest: {
        Item: {
          list_id: listKey({ projectId, status: "active", term }),
          entry_id: placeOf(id),
          in_body: 1,
          length: 10,
        },
      },
    }));
    const batches = Array.from({ length: Math.ceil(rows.length / 25) }, (_, index) =>
      rows.slice(index * 25, index * 25 + 25),
    );
    await limit.map(batches, (batch) =>
      directDynamodb.send(new BatchWriteCommand({ RequestItems: { [table]: batch } })),
    );
  }

  /** A project in which two documents have both words, and so many others only one. */
  async function projectWith(unmatched: number): Promise<string> {
    const project = anyName();
    const matches = ["DOC-match-1", "DOC-match-2"];
    const others = Array.from({ length: unmatched }, (_, index) => `DOC-${index}`);
    await plant(project, "rare1", matches);
    await plant(project, "frequent1", [...matches, ...others]);
    return project;
  }

  let capacity = 0;

  beforeAll(() => {
    // The units that each read says it has taken.
    dynamodb().middlewareStack.add(
      (next) => async (args) => {
        Object.assign(args.input, { ReturnConsumedCapacity: "TOTAL" });
        const result = await next(args);
        const { ConsumedCapacity = [] } = result.output as { ConsumedCapacity?: unknown };
        for (const { CapacityUnits = 0 } of [ConsumedCapacity].flat() as { CapacityUnits?: number }[])
          capacity += CapacityUnits;
        return result;
      },
      { step: "initialize", name: "countCapacity" },
    );
  });

  async function workOf(project: string, text: string) {
    capacity = 0;
    let total = 0;
    const calls = await callsDuring(async () => ({ total } = await search(project, text)));
    return { total, calls: calls.map(({ operation }) => operation).sort(), capacity };
  }

  it("is the same for 100 and for 10,000 documents that do not match, and has a bound for those that do", async () => {
    const [small, large] = [await projectWith(100), await projectWith(10_000)];
    for (const text of ["rare1", "frequent1 rare1", "rare1 nowhere1"]) {
      const work = await workOf(small, text);
      expect(work.total).toBe(text === "rare1 nowhere1" ? 0 : 2);
      expect(await workOf(large, text)).toStrictEqual(work);
    }
    const { calls, capacity: units } = await workOf(large, "frequent1 rare1");
    expect(calls).toStrictEqual(["BatchGetItem", "GetItem", "Query", "Query"]);
    expect(units).toBeLessThanOrEqual(5);
    // A word that is nearly everywhere is looked for in a part of the documents; the total says so.
    const { matches, total, totalIsLowerBound } = await search(large, "frequent1");
    expect([matches.length, total, totalIsLowerBound]).toStrictEqual([10, 5_000, true]);
    expect((await workOf(large, "frequent1")).calls).toStrictEqual(["GetItem", "Query", "Query"]);
    // Ten thousand rows take the local database a while.
  }, 120_000);
});
