import { gunzipSync } from "node:zlib";
import { DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import type { DocumentFilter, Partition } from "../../../domain/documents/document-store.ts";
import { indexDocument } from "../../../domain/documents/index.ts";
import { documentsNewestFirst, isStop, type ListPosition } from "../../../domain/documents/newest-first.ts";
import { handler } from "../../../functions/document-api/handler.ts";
import { gatewayEvent } from "../../../scripts/packages/gateway-event.ts";
import { byKey, issueKey } from "../../support/agent-keys.ts";
import {
  type AnsweredDocument,
  documents,
  LEAST_DOCUMENT,
  putDocument,
  putDocumentRows,
} from "../../support/document-api.ts";
import { rowOfDocument } from "../../support/document-rows.ts";
import { makeProject } from "../../support/projects.ts";
import {
  actAs,
  callsDuring,
  clearFaults,
  directS3,
  injectFault,
  realName,
  services,
  signIn,
} from "../../support/services.ts";

let project: string;

beforeAll(async () => {
  actAs("documentApi");
  project = (await makeProject()).project_id;
});

afterEach(clearFaults);

const newProject = async () => (await makeProject()).project_id;
const operationsOf = async (work: () => Promise<unknown>) =>
  (await callsDuring(work)).map(({ service, operation }) => `${service} ${operation}`);

describe("creating", () => {
  it.each(["PUT", "POST"])(
    "by %s tells where the document is, and its score with what it comes from",
    async (method) => {
      const content = "# ENC-TSK-001 A title\n\n```\ncode\n```\n";
      const answer = await documents(method, "", { project_id: project, title: " A title ", content });
      expect(answer.status).toBe(201);
      expect(answer.headers.ETag).toBe('"1"');
      const { document_id: id, content_hash: hash } = answer.body;
      const bucket = realName("buckets", "assets");
      expect(answer.body).toEqual({
        success: true,
        document_id: expect.stringMatching(/^DOC-[0-9A-F]{12}$/),
        s3_location: `s3://${bucket}/agent-documents/${project}/${id}/${hash}.md`,
        content_hash: hash,
        size_bytes: Buffer.byteLength(content),
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        compliance_score: 50,
        compliance_warnings: expect.arrayContaining([expect.any(String)]),
        compliance_findings: expect.arrayContaining([
          { rule: expect.any(String), line: 3, points: 10, message: expect.any(String) },
        ]),
      });
      expect(answer.body.compliance_findings).toHaveLength(5);
    },
  );

  it.each<[name: string, body: unknown, names: string]>([
    ["no project", { title: "x", content: "x" }, "project_id"],
    ["no title", { project_id: "p", content: "x" }, "title"],
    ["no content", { project_id: "p", title: "x" }, "content"],
    ["a title that is a number", { project_id: "p", title: 5, content: "x" }, "title"],
    ["a title of 501", { project_id: "p", title: "x".repeat(501), content: "x" }, "Title exceeds"],
    ["content one byte too long", { project_id: "p", title: "x", content: "x".repeat(1_048_577) }, "content"],
    ["half of a pair", { project_id: "p", title: "x", content: "\ud800" }, "JSON"],
    ["a file name with a way", { ...LEAST_DOCUMENT, project_id: "p", file_name: "../a.md" }, "file_name"],
    ["a file name of another kind", { ...LEAST_DOCUMENT, project_id: "p", file_name: "a.exe" }, "file_name"],
    ["keywords in one text", { ...LEAST_DOCUMENT, project_id: "p", keywords: "a" }, "keywords"],
    ["a keyword of 129", { ...LEAST_DOCUMENT, project_id: "p", keywords: ["k".repeat(129)] }, "keywords"],
    ["no object", [], "body"],
    ["no JSON", "{", "JSON"],
  ])("with %s is a 400 that names it", async (_, body, name) => {
    const { status, body: answer } = await documents("PUT", "", body);
    expect([status, answer.error_envelope.code]).toEqual([400, "INVALID_INPUT"]);
    expect(answer.error.toLowerCase()).toContain(name.toLowerCase());
  });

  it("keeps 50 of 10,000 keywords, and refuses a body above 2 MiB", async () => {
    const keywords = Array.from({ length: 10_000 }, (_, index) => `Key ${index}`);
    const id = await putDocument(project, { keywords });
    expect((await rowOfDocument(id))?.keywords).toEqual(keywords.slice(0, 50).map((word) => word.toLowerCase()));
    const tooLong = await documents("PUT", "", { project_id: project, ...LEAST_DOCUMENT, x: "x".repeat(2_097_152) });
    expect([tooLong.status, tooLong.body.error_envelope.code]).toEqual([413, "PAYLOAD_TOO_LARGE"]);
  });

  it("in a project that is not there names it", async () => {
    const answer = await documents("PUT", "", { ...LEAST_DOCUMENT, project_id: "No-Project" });
    expect([answer.status, answer.body.error_envelope.code]).toEqual([404, "NOT_FOUND"]);
    expect(answer.body.error).toContain("No-Project");
  });

  it("costs an announcement, an object and a transaction; under a key two more for the key", async () => {
    await putDocument(project);
    const plain = await operationsOf(() => putDocument(project));
    expect(plain).toEqual(["dynamodb UpdateItem", "s3 PutObject", "dynamodb TransactWriteItems"]);
  });

  it("twice under one key makes one document, and the answer is the first one to the byte", async () => {
    const body = { project_id: project, ...LEAST_DOCUMENT };
    const headers = { "X-Coordination-Internal-Key": services.internalKey, "Idempotency-Key": `k-${project}` };
    const first = await documents("PUT", "", body, { headers });
    const again = await documents("PUT", "", body, { headers });
    expect([first.status, again.status, again.text]).toEqual([201, 201, first.text]);
    expect(again.headers["Idempotency-Replayed"]).toBe("true");
    const other = await documents("PUT", "", { ...body, title: "Another" }, { headers });
    expect([other.status, other.body.error_envelope.code]).toEqual([422, "IDEMPOTENCY_MISMATCH"]);
  });
});

describe("reading one", () => {
  const content = "\ufeff# A\r\nüß 🙂\u0000\n";

  it("answers in both forms, byte for byte, and leaves the content out unless it is wanted", async () => {
    const id = await putDocument(project, { content, keywords: ["B", "a"], related_items: ["ENC-TSK-001"] });
    const { status, headers, body } = await documents("GET", `/${id}`);
    expect([status, headers.ETag]).toEqual([200, '"1"']);
    const { success, document, ...top } = body as unknown as Record<string, object>;
    expect(success).toBe(true);
    expect(top).toEqual(document);
    expect(document).toMatchObject({ content, keywords: ["b", "a"], status: "active", version: 1 });
    for (const internal of ["history_seq", "history_hash", "write_id"]) expect(document).not.toHaveProperty(internal);
    for (const include_content of ["1", "yes", "false", ""]) {
      const without = await documents("GET", `/${id}`, undefined, { query: { include_content } });
      expect([without.status, without.body.document.content, without.body.content]).toEqual([
        200,
        undefined,
        undefined,
      ]);
    }
    const wanted = await documents("GET", `/${id}`, undefined, { query: { include_content: "TRUE" } });
    expect(wanted.body.content).toBe(content);
  });

  it("costs one read and one object, and one read where the caller has it already", async () => {
    const id = await putDocument(project);
    expect(await operationsOf(() => documents("GET", `/${id}`))).toEqual(["dynamodb GetItem", "s3 GetObject"]);
    const headers = { cookie: signIn(), "if-none-match": '"1"' };
    const calls = await callsDuring(async () => {
      const answer = await documents("GET", `/${id}`, undefined, { headers });
      expect([answer.status, answer.text]).toEqual([304, ""]);
    });
    expect(calls.map(({ operation }) => operation)).toEqual(["GetItem"]);
  });

  it("of what is not there names the id; a body that is gone is told", async () => {
    for (const id of ["DOC-000000000000", "docs", "x".repeat(3_000)]) {
      const answer = await documents("GET", `/${id}`);
      expect([answer.status, answer.body.error]).toEqual([404, `Document '${id}' not found.`]);
    }
    const id = await putDocument(project);
    const row = await rowOfDocument(id);
    await directS3.send(new DeleteObjectCommand({ Bucket: realName("buckets", "assets"), Key: row?.s3_key }));
    const { status, body } = await documents("GET", `/${id}`);
    expect([status, body.content_error, body.document.content_error]).toEqual([200, "NOT_FOUND", "NOT_FOUND"]);
    expect(body).not.toHaveProperty("content");
  });

  it("is a 500 that may be repeated when the bucket cannot be read", async () => {
    const id = await putDocument(project);
    await injectFault({ service: "s3", operation: "GetObject", error: "AccessDenied", times: 1 });
    const { status, body } = await documents("GET", `/${id}`);
    expect([status, body.error_envelope.code, body.error_envelope.retryable]).toEqual([500, "INTERNAL_ERROR", true]);
  });

  it("gets the worst mebibyte through where the client takes gzip, and says so where it does not", async () => {
    const content = "\u0001".repeat(1_048_576);
    const id = await putDocument(project);
    // Its JSON is longer than a request may be: it came in as a file.
    const Key = (await rowOfDocument(id))?.s3_key;
    await directS3.send(new PutObjectCommand({ Bucket: realName("buckets", "assets"), Key, Body: content }));
    const plain = await documents("GET", `/${id}`);
    expect([plain.status, plain.body.document.content_error]).toEqual([200, "RESPONSE_TOO_LARGE"]);
    const headers = { cookie: signIn(), "accept-encoding": "br, gzip;q=0.8" };
    const answer = await handler(gatewayEvent({ method: "GET", path: `/api/v1/documents/${id}`, headers }), {});
    expect(answer).toMatchObject({
      isBase64Encoded: true,
      headers: { "Content-Encoding": "gzip", Vary: "Origin, Accept-Encoding" },
    });
    expect(JSON.stringify(answer).length).toBeLessThan(6_000_000);
    expect(JSON.parse(gunzipSync(Buffer.from(answer.body, "base64")).toString()).content).toBe(content);
  });
});

describe("editing", () => {
  it("answers the new version, and the score where the content was sent", async () => {
    const id = await putDocument(project);
    const titled = await documents("PATCH", `/${id}`, { title: "Another" });
    expect(titled.body).toEqual({ success: true, document_id: id, updated_at: titled.body.updated_at, version: 2 });
    const written = await documents("PATCH", `/${id}`, { content: "# B\n", expected_version: 2 });
    expect([written.status, written.body.version, written.headers.ETag]).toEqual([200, 3, '"3"']);
    expect(written.body).toMatchObject({ compliance_score: 50, compliance_findings: expect.any(Array) });
    const late = await documents("PATCH", `/${id}`, { content: "# C\n", expected_version: 2 });
    expect([late.status, late.body.error_envelope.code]).toEqual([409, "VERSION_CONFLICT"]);
    expect(late.body.error_envelope.details).toMatchObject({
      current_version: 3,
      changed_fields: expect.arrayContaining(["content_hash"]),
    });
    expect((await documents("GET", `/${id}`)).body.content).toBe("# B\n");
  });

  it("is judged after the document is found, and an empty one is none", async () => {
    const nobody = await documents("PATCH", "/DOC-000000000000", { title: 5 });
    expect(nobody.status).toBe(404);
    const id = await putDocument(project);
    for (const body of [
      {},
      { version: 7 },
      { expected_version: 1 },
      { title: null },
      { status: "gone" },
      { content: "" },
    ]) {
      const { status, body: answer } = await documents("PATCH", `/${id}`, body);
      expect([status, answer.error_envelope.code]).toEqual([400, "INVALID_INPUT"]);
    }
    expect((await rowOfDocument(id))?.version).toBe(1);
  });

  it("is told in the history, without a word of the content", async () => {
    const id = await putDocument(project);
    await documents("PATCH", `/${id}`, { content: "# Secret text\n", status: "archived" });
    const { body, text } = await documents("GET", `/${id}/history`);
    expect(body.entries.map(({ seq }) => seq)).toEqual([2, 1]);
    expect(body.entries[0]?.changes.map(({ field }) => field)).toEqual(
      expect.arrayContaining(["content_hash", "size_bytes", "status"]),
    );
    expect(text).not.toContain("Secret");
    const page = await documents("GET", `/${id}/history`, undefined, { query: { limit: "1" } });
    const rest = await documents("GET", `/${id}/history`, undefined, {
      query: { cursor: page.body.next_cursor ?? "" },
    });
    expect([...page.body.entries, ...rest.body.entries]).toEqual(body.entries);
  });

  it("knows no DELETE, and no PUT with an id", async () => {
    const id = await putDocument(project);
    for (const method of ["DELETE", "PUT", "POST"]) {
      const answer = await documents(method, `/${id}`, LEAST_DOCUMENT);
      expect([answer.status, answer.body.error_envelope.code]).toEqual([405, "METHOD_NOT_ALLOWED"]);
    }
  });
});

/** A row as it is in the table; the older the higher the number, three to a second. */
function row(projectId: string, number: number, fields: object = {}) {
  const seconds = Math.floor(number / 3);
  return {
    document_id: `DOC-${projectId}-${String(number).padStart(6, "0")}`,
    project_id: projectId,
    title: `Title ${number}`,
    keywords: [`k${number % 10}`],
    related_items: [`ENC-TSK-${number}`],
    status: number % 4 === 3 ? "archived" : "active",
    updated_at: new Date(Date.UTC(2026, 0, 1) - seconds * 1000).toISOString().replace(".000", ""),
    version: 1,
    ...fields,
  };
}

const idsOf = (found: readonly AnsweredDocument[]) => found.map(({ document_id }) => document_id);

/** All pages of a list. */
async function all(path: string, query: Record<string, string>, headers?: Record<string, string>) {
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const asked: Record<string, string> = { ...query, ...(cursor !== undefined && { cursor }) };
    const answer = await documents("GET", path, undefined, { query: asked, ...(headers && { headers }) });
    expect([answer.status, answer.text]).toEqual([200, answer.text]);
    expect(answer.body.count).toBe(answer.body.documents.length);
    pages.push(idsOf(answer.body.documents));
    cursor = answer.body.next_cursor;
  } while (cursor !== undefined);
  return pages;
}

describe("lists and searches", () => {
  let home: string;
  let neighbour: string;
  const here: ReturnType<typeof row>[] = [];
  const there: ReturnType<typeof row>[] = [];

  beforeAll(async () => {
    home = await newProject();
    neighbour = await newProject();
    here.push(...Array.from({ length: 130 }, (_, number) => row(home, number)));
    there.push(...Array.from({ length: 20 }, (_, number) => row(neighbour, number * 5)));
    await putDocumentRows([...here, ...there]);
  });

  const inOrder = (rows: readonly ReturnType<typeof row>[]) =>
    rows
      .toSorted((one, other) =>
        one.updated_at === other.updated_at
          ? one.document_id.localeCompare(other.document_id)
          : other.updated_at.localeCompare(one.updated_at),
      )
      .map(({ document_id }) => document_id);

  it("list a project, archived ones too, newest first, 50 a page unless fewer are asked for", async () => {
    const pages = await all("", { project: home });
    expect(pages.map(({ length }) => length)).toEqual([50, 50, 30]);
    expect(pages.flat()).toEqual(inOrder(here));
    for (const limit of ["1", "7", "49"]) {
      expect((await all("", { project: home, limit })).flat()).toEqual(inOrder(here));
    }
  });

  it("list nothing of a project without documents, and refuse a list without a project", async () => {
    expect((await all("", { project: "nobody-knows" })).flat()).toEqual([]);
    for (const query of [{}, { project: "" }, { project: " " }]) {
      const { status, body } = await documents("GET", "", undefined, { query: query as Record<string, string> });
      expect([status, body.error_envelope.code]).toEqual([400, "INVALID_INPUT"]);
    }
  });

  it.each<[what: string, query: Record<string, string>, fits: (one: ReturnType<typeof row>) => boolean]>([
    ["active ones by default", {}, ({ status }) => status === "active"],
    ["any with an empty status", { status: "" }, () => true],
    ["archived ones", { status: " Archived".trim() }, ({ status }) => status === "archived"],
    ["none of an unknown status", { status: "gone" }, () => false],
    ["by keyword, whole, in any case", { keyword: " K3 ", status: "" }, ({ keywords }) => keywords[0] === "k3"],
    ["not by a part of a keyword", { keyword: "k", status: "" }, () => false],
    [
      "by related item, to the letter",
      { related: "ENC-TSK-7", status: "" },
      ({ related_items }) => related_items[0] === "ENC-TSK-7",
    ],
    ["not by another case of it", { related: "enc-tsk-7", status: "" }, () => false],
    ["by a part of the title, in any case", { title: "TLE 11", status: "" }, ({ title }) => title.includes("tle 11")],
    [
      "by all of it together",
      { keyword: "k1", title: "1", status: "active" },
      ({ keywords, title, status }) => keywords[0] === "k1" && title.includes("1") && status === "active",
    ],
  ])("find %s, all of them, in order, on pages of any size", async (_, query, fits) => {
    const wanted = inOrder(here.filter(fits));
    for (const limit of ["50", "7"]) {
      expect((await all("/search", { ...query, project: home, limit })).flat()).toEqual(wanted);
    }
    const { body } = await documents("GET", "/search", undefined, { query: { ...query, project: home, limit: "1" } });
    expect(body).toMatchObject({ total_matches: wanted.length });
    expect(body).not.toHaveProperty("truncated");
  });

  it("find across projects what a person may see, and for a key what is in its projects", async () => {
    const query = { title: "Title", status: "", limit: "50" };
    const { secret } = await issueKey({ projects: [home, neighbour], scopes: ["documents:read"] });
    const found = (await all("/search", query, byKey(secret))).flat();
    expect(found).toEqual(inOrder([...here, ...there]));
    const ofPerson = (await all("/search", { ...query, related: "ENC-TSK-95" })).flat();
    expect(ofPerson.filter((id) => id.includes(home) || id.includes(neighbour))).toEqual(
      inOrder([...here, ...there].filter(({ related_items }) => related_items[0] === "ENC-TSK-95")),
    );
  });

  it("go on behind the last one while others write: nothing twice, nothing left out that stays", async () => {
    const project_id = await newProject();
    const rows = Array.from({ length: 12 }, (_, number) => row(project_id, number));
    await putDocumentRows(rows);
    const first = await documents("GET", "", undefined, { query: { project: project_id, limit: "5" } });
    await putDocument(project_id);
    const { cursor } = { cursor: first.body.next_cursor ?? "" };
    const rest = await documents("GET", "", undefined, { query: { project: project_id, cursor } });
    expect([...idsOf(first.body.documents), ...idsOf(rest.body.documents)]).toEqual(inOrder(rows));
  });

  it("take a cursor of the very list only, and a limit of 1 to 50", async () => {
    const { body } = await documents("GET", "", undefined, { query: { project: home, limit: "5" } });
    const cursor = body.next_cursor ?? "";
    const wrong: [path: string, query: Record<string, string>][] = [
      ["", { project: neighbour, cursor }],
      ["/search", { project: home, cursor }],
      ["", { project: home, cursor: "nonsense" }],
      ["", { project: home, limit: "0" }],
      ["", { project: home, limit: "51" }],
      ["/search", { limit: "x" }],
    ];
    for (const [path, query] of wrong) {
      const answer = await documents("GET", path, undefined, { query });
      expect([answer.status, answer.body.error_envelope.code]).toEqual([400, "INVALID_INPUT"]);
    }
  });

  it("show the fields that are asked for, and never what is the store's own", async () => {
    const query = { project: home, limit: "1", fields: "title,write_id" };
    const { body } = await documents("GET", "", undefined, { query });
    expect(body.documents).toEqual([{ document_id: inOrder(here)[0], title: "Title 0" }]);
  });

  it("read rows that older writers have left", async () => {
    const project_id = await newProject();
    await putDocumentRows([
      {
        document_id: `old-${project_id}`,
        project_id,
        updated_at: "2020-01-01T00:00:00Z",
        keywords: new Set(["b", "a"]),
      },
      {
        document_id: `odd-${project_id}`,
        project_id,
        updated_at: "2019-01-01T00:00:00Z",
        title: 5,
        keywords: "abc",
        version: "x",
      },
    ]);
    const { body } = await documents("GET", "/search", undefined, {
      query: { project: project_id, keyword: "a", status: "" },
    });
    expect(body.documents).toEqual([
      expect.objectContaining({
        document_id: `old-${project_id}`,
        title: "",
        keywords: ["a", "b"],
        related_items: [],
        version: 0,
      }),
    ]);
    expect((await all("", { project: project_id })).flat()).toHaveLength(2);
  });

  it("cost one read a page", async () => {
    const list = () => documents("GET", "", undefined, { query: { project: home } });
    expect(await operationsOf(list)).toEqual(["dynamodb Query"]);
    const search = () => documents("GET", "/search", undefined, { query: { project: home, keyword: "k1" } });
    expect(await operationsOf(search)).toEqual(["dynamodb Query"]);
  });

  /** Reads partitions to their end, as far each time as a small budget reaches. */
  async function walk(partitions: readonly Partition[], filter: DocumentFilter) {
    const ids: string[] = [];
    const stops: string[] = [];
    let behind: ListPosition | undefined;
    for (;;) {
      let stop: ListPosition | undefined;
      const reading = { filter, behind, wanted: () => 4, budget: { left: 10 } };
      for await (const step of documentsNewestFirst(partitions, reading)) {
        if (isStop(step)) {
          stop = step.stoppedAt;
          break;
        }
        ids.push(step.document_id);
      }
      if (!stop) return { ids, stops };
      if (behind) expect(stop.updated_at < behind.updated_at).toBe(true);
      behind = stop;
      stops.push(stop.updated_at);
    }
  }

  it.each([
    ["one partition", [0], {}],
    ["one partition, of which little is wanted", [0], { keyword: "k3" }],
    ["one partition, of which nothing is there", [0], { keyword: "none" }],
    ["two partitions", [0, 1], {}],
  ])("stop where the budget runs out, always further on, and go on there: %s", async (_, which, filter) => {
    const partitions = which.map((index) => ({
      index: "project-updated-index" as const,
      key: index === 0 ? home : neighbour,
    }));
    const { ids, stops } = await walk(partitions, filter);
    const all = which.length > 1 ? [...here, ...there] : here;
    const { keyword } = filter as { keyword?: string };
    expect(ids).toEqual(inOrder(all.filter(({ keywords }) => keyword === undefined || keywords[0] === keyword)));
    expect(stops.length).toBeGreaterThan(8);
  });

  it("go on past a second that has more than the budget", async () => {
    const project_id = await newProject();
    const at = "2026-01-01T00:00:00Z";
    const rows = Array.from({ length: 20 }, (_, number) =>
      row(project_id, number, number < 15 ? { updated_at: at } : {}),
    );
    await putDocumentRows(rows);
    const { ids } = await walk([{ index: "project-updated-index", key: project_id }], {});
    expect(ids).toEqual(inOrder(rows));
  });
});

describe("a search by words", () => {
  it("shows documents as they are now, the best first, and leaves out what has changed since", async () => {
    const project_id = await newProject();
    const text = { first: "crater and water", second: "crater crater crater", third: "crater, archived since" };
    const ids: Record<string, string> = {};
    for (const [name, content] of Object.entries(text)) {
      ids[name] = await putDocument(project_id, { title: name, content });
      await indexDocument({ document_id: ids[name], project_id, title: name, version: 1 }, async () => content);
    }
    await documents("PATCH", `/${ids.third}`, { status: "archived" });
    const query = { project: project_id, text: "Craters", fields: "title,score,matched" };
    const { status, body } = await documents("GET", "/search", undefined, { query });
    expect([status, body.total_matches, body.count]).toEqual([200, 3, 2]);
    expect(idsOf(body.documents)).toEqual([ids.second, ids.first]);
    expect(body.documents[0]).toEqual({
      document_id: ids.second,
      title: "second",
      score: expect.any(Number),
      matched: [{ word: "Craters", fields: ["body"] }],
    });
    const { secret } = await issueKey({ projects: [await newProject()], scopes: ["documents:read"] });
    const foreign = await documents("GET", "/search", undefined, { query, headers: byKey(secret) });
    expect(foreign.body).toEqual({ success: true, documents: [], count: 0, total_matches: 0 });
  });

  it.each<[why: string, query: Record<string, string>, names: string]>([
    ["without a project", { text: "crater" }, "project"],
    ["with a keyword", { text: "crater", project: "p", keyword: "k" }, "text"],
    ["without a word", { text: "...", project: "p" }, "text"],
    ["of too many words", { text: Array.from({ length: 20 }, (_, n) => `word${n}x`).join(" "), project: "p" }, "text"],
  ])("%s is a 400 that names it", async (_, query, name) => {
    const { status, body } = await documents("GET", "/search", undefined, { query });
    expect([status, body.error_envelope.code]).toEqual([400, "INVALID_INPUT"]);
    expect(body.error).toContain(name);
  });
});
