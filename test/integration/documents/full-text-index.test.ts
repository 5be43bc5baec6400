import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import type { Context } from "aws-lambda";
import { MOST_TERMS } from "../../../domain/documents/full-text/document-terms.ts";
import { type IndexedDocument, indexDocument, searchText } from "../../../domain/documents/index.ts";
import { handler } from "../../../functions/document-indexer/handler.ts";
import { sweepFaults } from "../../support/fault-sweep.ts";
import {
  deleteDocument,
  deliver,
  indexExpected,
  indexOf,
  newsOf,
  putDocument,
  type TestDocument,
} from "../../support/full-text.ts";
import { anyName } from "../../support/projects.ts";
import { actAs, callsDuring, faultsMet, injectFault } from "../../support/services.ts";

beforeAll(() => {
  actAs("documentIndexer");
  // A client waits a random time before it repeats a call; the shortest is long enough here.
  jest.spyOn(Math, "random").mockReturnValue(0);
});

afterAll(() => {
  jest.restoreAllMocks();
});

/** Some words of their own, so that there are more rows than fit into a transaction. */
function words(prefix: string, count: number): string {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}x`).join(" ");
}

function version(document_id: string, project_id: string, number: number, rest: Partial<TestDocument> = {}) {
  const text = `# Version ${number}\n\nThe same words, and ${words(`v${number}n`, 5)}.`;
  return { document_id, project_id, title: `Document ${document_id}`, text, version: number, ...rest };
}

/** The numbers from 0 on, in an order that looks like none and is always the same. */
function shuffled(count: number, seed: number): number[] {
  return Array.from({ length: count }, (_, index) => index).sort(
    (left, right) => ((left * 7919 + seed) % 101) - ((right * 7919 + seed) % 101) || left - right,
  );
}

describe("the news of the stream", () => {
  it("leads to the same index however often and in whatever order it comes", async () => {
    const project = anyName();
    const [a, b, c, d] = ["a", "b", "c", "d"].map((letter) => `DOC-${project}-${letter}`) as [
      string,
      string,
      string,
      string,
    ];
    const last = [
      version(a, project, 4),
      version(b, project, 3, { status: "archived" }),
      version(d, project, 2, { title: "Another title" }),
    ];
    for (const number of [1, 2, 3]) await putDocument(version(a, project, number));
    await putDocument(version(b, project, 1));
    await putDocument(version(c, project, 1));
    await putDocument(version(b, project, 2));
    await putDocument(version(d, project, 1));
    for (const document of last) await putDocument(document);
    await deleteDocument(c);
    const news = await newsOf([a, b, c, d], 11);
    expect(news).toHaveLength(11);
    for (const seed of [0, 1, 2]) {
      const batch = shuffled(news.length, 17 * seed).flatMap((index) => news[index] ?? []);
      expect(await deliver(batch)).toStrictEqual({ batchItemFailures: [] });
    }
    expect(await indexOf(project)).toStrictEqual(await indexExpected(last));
    // Everything is known by now: no row is written, no body is read.
    const calls = await callsDuring(() => deliver(news));
    expect(new Set(calls.map(({ operation }) => operation))).toStrictEqual(new Set(["GetItem"]));
  });

  it("is told as failed where a body cannot be read, and done when it is told again", async () => {
    const project = anyName();
    const documents = [1, 2].map((number) => version(`DOC-${project}-${number}`, project, 1));
    for (const document of documents) await putDocument(document);
    const news = await newsOf(
      documents.map(({ document_id }) => document_id),
      2,
    );
    await injectFault({
      service: "s3",
      operation: "GetObject",
      match: documents[1]?.document_id,
      error: "AccessDenied",
    });
    const failed = [{ itemIdentifier: news[1]?.dynamodb?.SequenceNumber }];
    expect(await deliver(news)).toStrictEqual({ batchItemFailures: failed });
    expect(await indexOf(project)).toStrictEqual(await indexExpected(documents.slice(0, 1)));
    expect(await deliver(news.slice(1))).toStrictEqual({ batchItemFailures: [] });
    expect(await indexOf(project)).toStrictEqual(await indexExpected(documents));
  });

  it("of a version whose body has gone is outdated; a document without a body is found by its title", async () => {
    const project = anyName();
    const document = version(`DOC-${project}`, project, 2, { title: "Telescope" });
    const goneKey = `agent-documents/${project}/gone.md`;
    await putDocument(document);
    const [news] = await newsOf([document.document_id], 1);
    const image = news?.dynamodb?.NewImage ?? {};
    const without = (number: string) => ({
      ...news,
      dynamodb: { ...news?.dynamodb, NewImage: { ...image, s3_key: { S: goneKey }, version: { N: number } } },
    });
    expect(await deliver([without("1")])).toStrictEqual({ batchItemFailures: [] });
    expect(await indexOf(project)).toStrictEqual({ lists: {}, totals: {} });
    expect(await deliver([without("2")])).toStrictEqual({ batchItemFailures: [] });
    const found = await searchText({ projectId: project, text: "telescope", status: "active", limit: 10 });
    expect(found.matches.map(({ documentId }) => documentId)).toStrictEqual([document.document_id]);
  });
});

describe("a document", () => {
  const index = (document: TestDocument) => indexDocument(document as IndexedDocument, async () => document.text);

  it("that was changed costs the rows that differ, in two calls where they are few", async () => {
    const project = anyName();
    const text = `${words("w", 300)} before`;
    const first = version("DOC-few", project, 1, { document_id: `DOC-${project}`, text });
    await index(first);
    const second = { ...first, version: 2, text: `${words("w", 300)} after` };
    const calls = await callsDuring(async () => expect((await index(second)).changes).toBe(2));
    expect(calls.map(({ operation }) => operation)).toStrictEqual(["GetItem", "TransactWriteItems"]);
    expect(await indexOf(project)).toStrictEqual(await indexExpected([second]));
  });

  it("is whole after a repeat, wherever a run was cut off", async () => {
    const sweep = await sweepFaults<{ first: TestDocument; second: TestDocument }, unknown>({
      faults: ["refused", "answer lost"],
      arrange: async () => {
        const project = anyName();
        const first = version(`DOC-${project}`, project, 1, { text: `same ${words("a", 120)}` });
        const second = { ...first, version: 2, status: "archived" as const, text: `same ${words("b", 40)}` };
        await index(first);
        return { first, second };
      },
      act: ({ second }) => index(second),
      invariants: async ({ first, second }, outcome) => {
        if (outcome.status === "fulfilled") {
          expect(await indexOf(second.project_id)).toStrictEqual(await indexExpected([second]));
        }
        // The older version may come again; where the newer one has begun it changes nothing.
        await index(first);
      },
      retry: async ({ second }) => {
        await index(second);
        expect(await indexOf(second.project_id)).toStrictEqual(await indexExpected([second]));
      },
    });
    // The entry is read and announced, two transactions of postings, or one of them with the entry.
    for (const calls of Object.values(sweep)) expect(calls).toBeGreaterThanOrEqual(4);
    expect(Object.keys(sweep)).toHaveLength(2);
  });

  it("of which an older version is still being written when the newer one comes, is of the newer one", async () => {
    const project = anyName();
    const [older, newer] = [1, 2].map((number) =>
      version(`DOC-${project}`, project, number, { text: words(`v${number}n`, 150) }),
    ) as [TestDocument, TestDocument];
    await injectFault({ service: "dynamodb", operation: "TransactWriteItems", delayMs: 2_000 });
    const late = index(older);
    await faultsMet();
    await index(newer);
    expect(await late).toMatchObject({ outcome: "outdated", changes: 0 });
    expect(await indexOf(project)).toStrictEqual(await indexExpected([newer]));
  });

  it("of which several versions are indexed at once is of the newest, and counts once", async () => {
    jest.restoreAllMocks();
    const project = anyName();
    const versions = [1, 2, 3].map((number) =>
      version(`DOC-${project}`, project, number, { text: words(`v${number}n`, 150) }),
    );
    await Promise.all([...versions, ...versions].map(index));
    expect(await indexOf(project)).toStrictEqual(await indexExpected(versions.slice(2)));
  });

  it("of 1 MB with 100,000 different words has its most frequent ones in the index", async () => {
    const project = anyName();
    const text = `${words("frequent", 10)} ${words("frequent", 10)} ${words("w", 100_000)}`.padEnd(1_048_576, " .");
    const huge = version(`DOC-${project}`, project, 1, { text, title: "Two words" });
    const titleTerms = 2;
    let leftOut = 0;
    const calls = await callsDuring(async () => ({ leftOut } = await index(huge)));
    expect(leftOut).toBe(100_010 + titleTerms - MOST_TERMS);
    expect(calls.length).toBeLessThan(60);
    expect(await indexOf(project)).toStrictEqual(await indexExpected([huge]));
    expect((await searchText({ projectId: project, text: "frequent9x", status: undefined, limit: 1 })).total).toBe(1);
    // Fifty transactions of a hundred rows take the local database a while.
  }, 120_000);
});

describe("indexing a project anew", () => {
  it("brings in what is missing, from where the run before has ended, and nothing twice", async () => {
    const project = anyName();
    const ids = Array.from({ length: 55 }, (_, number) => `DOC-${project}-${number}`);
    const documents = ids.map((id, number) =>
      version(id, project, 1, { text: "short", ...(number === 7 && { status: "archived" as const }) }),
    );
    await Promise.all(documents.map(putDocument));
    const context = { getRemainingTimeInMillis: () => 0 } as Context;
    const run = (cursor?: string) =>
      handler({ reindex: { project_id: project, cursor } }, context) as Promise<{ next_cursor?: string }>;
    const first = await run();
    expect(first).toMatchObject({ documents: 50, indexed: 50, next_cursor: expect.any(String) });
    expect(await run(first.next_cursor)).toStrictEqual({ documents: 5, indexed: 5, next_cursor: undefined });
    expect(await indexOf(project)).toStrictEqual(await indexExpected(documents));
    expect(await run()).toMatchObject({ documents: 50, indexed: 0 });
  });
});
