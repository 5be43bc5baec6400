import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { DeleteCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { forgetProjects } from "../../../domain/projects/index.ts";
import { handler } from "../../../functions/doc-prep/handler.ts";
import { anyProject, configure, described, prepare, putDocument, putText } from "../../support/prepared-documents.ts";
import { storedProject } from "../../support/project-rows.ts";
import { anyName } from "../../support/projects.ts";
import {
  actAs,
  callsDuring,
  clearFaults,
  directDynamodb,
  directS3,
  injectFault,
  realName,
} from "../../support/services.ts";

const MAX_BYTES = 4_718_592;
const Bucket = realName("buckets", "assets");

beforeAll(() => actAs("docPrep"));
beforeEach(forgetProjects);
afterEach(clearFaults);

const referenceKey = (project: string) => `mobile/v1/reference/${project}.md`;
const only = (...additional_docs: unknown[]) => ({ auto_include_reference: false, additional_docs });
const trackerRow = (project: string) => ({
  TableName: realName("tables", "devops-project-tracker"),
  Key: { project_id: project, record_id: `reference#${project}` },
});

describe("the documents of a project", () => {
  it("are its reference document, where nothing else is configured", async () => {
    const project = await anyProject();
    const { document = "" } = await storedProject({ name: project, prefix: "none" });
    const { status, headers, body } = await prepare(project);
    expect([status, headers["Content-Type"], headers["Cache-Control"]]).toEqual([200, "application/json", "no-store"]);
    expect(body).toEqual({
      success: true,
      project_id: project,
      documents: [described(document, referenceKey(project), `${project}-reference.md`, "reference")],
      total_docs: 1,
      max_docs: 5,
      prepared_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      warnings: [],
    });
  });

  it("are answered byte for byte and in the order of the configuration, whichever is read first", async () => {
    const texts = ["\ufeffa\r\nb\rc\n", "", "😀".repeat(60_000), "  \u0000 \u2028 ", "last"];
    const keys = await Promise.all(texts.map((text) => putText(text)));
    const project = await anyProject(only(...keys.map((s3_key, n) => ({ s3_key, filename: `${n}` }))));
    await injectFault({ service: "s3", operation: "GetObject", match: { key: String(keys[0]) }, delayMs: 300 });
    const { body } = await prepare(project);
    expect(body.documents).toEqual(texts.map((text, n) => described(text, String(keys[n]), `${n}`)));
  });

  it("are those of the store too: of the project itself, and of the governance for everybody", async () => {
    const [project, other] = await Promise.all([anyProject(), anyProject()]);
    const s3_key = await putText("# Plan");
    // What a row says of its hash counts in a dry run only: here the bytes speak for themselves.
    const ids = await Promise.all([
      putDocument(project, { s3_key, content_hash: "0".repeat(64), size_bytes: 1 }),
      putDocument("devops", { s3_key, s3_bucket: undefined }),
    ]);
    const entries = ids.map((document_id, n) => ({
      source_type: "docstore",
      document_id,
      filename: `${n}`,
      category: "x",
    }));
    const both = ids.map((_, n) => described("# Plan", s3_key, `${n}`, "x"));
    await configure(project, only(...entries));
    expect((await prepare(project)).body).toMatchObject({ documents: both, warnings: [] });
    await configure(other, only(...entries));
    const { body } = await prepare(other);
    expect(body.documents).toEqual(both.slice(1));
    expect(body.warnings).toEqual([{ filename: "0", reason: "NOT_FOUND" }]);
  });

  it("are found by whatever event names the project", async () => {
    const project = await anyProject();
    const requestContext = { http: { method: "POST" } };
    const events = [
      { requestContext, rawPath: `/dev/api/v1/doc-prep/%20${project.toUpperCase()}/` },
      { requestContext, pathParameters: { projectName: ` ${project} ` } },
      { httpMethod: "POST", path: `/doc-prep/${project}`, body: null, headers: null },
      { requestContext, rawPath: `/x/${project}`, body: btoa('{"dry_run":true}'), isBase64Encoded: true },
    ];
    for (const event of events) {
      const answer = await handler(event, { awsRequestId: "none" });
      expect([answer.statusCode, JSON.parse(answer.body)]).toMatchObject([200, { success: true, project_id: project }]);
    }
  });
});

describe("a dry run", () => {
  it("answers hashes and sizes, and reads only what has no known hash", async () => {
    const texts = ["with a checksum é", "without one", "in the store"];
    const [a = "", b = "", c = ""] = await Promise.all(texts.map((text, n) => putText(text, { checksum: n === 0 })));
    const project = await anyProject();
    const { content_hash, size_bytes } = described("in the store", c, "");
    const ids = await Promise.all([
      putDocument(project, { s3_key: c, content_hash, size_bytes }),
      putDocument(project, { s3_key: c, content_hash: "unknown", size_bytes }),
    ]);
    const ofStore = ids.map((document_id) => ({ source_type: "docstore", document_id, filename: "c" }));
    await configure(project, only({ s3_key: a, filename: "a" }, { s3_key: b, filename: "b" }, ...ofStore));
    const calls = await callsDuring(async () => {
      const { body } = await prepare(project, { dry_run: true });
      const expected = [a, b, c, c].map((key, n) => described(texts[Math.min(n, 2)] ?? "", key, "abcc"[n] ?? ""));
      expect(body.documents).toEqual(expected.map(({ content: _, ...rest }) => rest));
    });
    const ofS3 = calls.filter(({ service }) => service === "s3");
    const keyOf = ({ request }: (typeof calls)[number]) => (request as { key: string }).key;
    expect(ofS3.map((call) => `${call.operation} ${keyOf(call)}`).sort()).toEqual(
      [`GetObject ${b}`, `GetObject ${c}`, `HeadObject ${a}`, `HeadObject ${b}`, `HeadObject ${c}`].sort(),
    );
    expect(
      calls
        .filter(({ service }) => service === "dynamodb")
        .map(({ operation }) => operation)
        .sort(),
    ).toEqual(["BatchGetItem", "GetItem"]);
  });

  it("changes nothing and remembers nothing, whatever headers it has", async () => {
    const project = await anyProject();
    const headers = { "Idempotency-Key": "k", "If-Match": "nonsense", Origin: "https://evil.example.com" };
    const calls = await callsDuring(async () => {
      for (const dry_run of [true, false]) expect((await prepare(project, { dry_run }, headers)).status).toBe(200);
    });
    // The project is looked up once; the reference document's row twice, its object by HEAD and GET, then by GET.
    const expected = ["GetItem", "GetItem", "GetItem", "GetObject", "GetObject", "HeadObject"];
    expect(calls.map(({ operation }) => operation).sort()).toEqual(expected);
  });
});

describe("a document that cannot be had", () => {
  it("is left out and named with the reason, and does not count", async () => {
    const [text, binary, cut] = await Promise.all([
      putText("text"),
      putText(Uint8Array.of(0x23, 0xff, 0x0a)),
      putText(Buffer.from("é").subarray(0, 1)),
    ]);
    const project = await anyProject();
    const ids = await Promise.all([
      putDocument(project, {}),
      putDocument(project, { s3_key: "docs/none.md" }),
      putDocument(project, { s3_key: "deploy-config/secret.json" }),
      putDocument(await anyProject(), { s3_key: text }),
    ]);
    const of = (document_id?: unknown) => ({ source_type: "docstore", document_id });
    const table: [entry: object, reason: string][] = [
      [{}, "MISSING_KEY"],
      [{ s3_key: 5 }, "MISSING_KEY"],
      [of(), "MISSING_KEY"],
      [of(ids[0]), "MISSING_KEY"],
      [{ s3_key: `docs/${anyName()}.md` }, "NOT_FOUND"],
      [{ s3_key: "deploy-config/secret.json" }, "NOT_FOUND"],
      [of(ids[1]), "NOT_FOUND"],
      [of(ids[2]), "NOT_FOUND"],
      [of(ids[3]), "NOT_FOUND"],
      [of(anyName()), "NOT_FOUND"],
      [of("x".repeat(3_000)), "NOT_FOUND"],
      [{ source_type: "http", s3_key: text }, "UNKNOWN_SOURCE_TYPE"],
      [{ s3_key: binary }, "NOT_TEXT"],
      [{ s3_key: cut }, "NOT_TEXT"],
    ];
    const entries = table.map(([entry, reason], n) => ({ ...entry, filename: `${n} ${reason}` }));
    await configure(project, { ...only(...entries, { s3_key: text, filename: "there" }), max_docs: 1 });
    const { status, body } = await prepare(project);
    expect(status).toBe(200);
    expect(body.warnings).toEqual(table.map(([, reason], n) => ({ filename: `${n} ${reason}`, reason })));
    expect(body.documents).toEqual([described("text", text, "there")]);
  });

  it("may be the reference document, for any reason", async () => {
    const reasonFor = async (project: string) => {
      const { status, body } = await prepare(project);
      expect([status, body.documents]).toEqual([200, []]);
      expect(body.warnings).toEqual([{ filename: `${project}-reference.md`, reason: expect.any(String) }]);
      return body.warnings[0]?.reason;
    };
    const project = await anyProject();
    await injectFault({
      service: "dynamodb",
      operation: "GetItem",
      match: "reference#",
      error: "AccessDeniedException",
    });
    expect(await reasonFor(project)).toBe("READ_FAILED");
    await injectFault({ service: "s3", operation: "GetObject", error: "AccessDenied" });
    expect(await reasonFor(project)).toBe("READ_FAILED");
    await directS3.send(new DeleteObjectCommand({ Bucket, Key: referenceKey(project) }));
    expect(await reasonFor(project)).toBe("NOT_FOUND");
    await directDynamodb.send(
      new UpdateCommand({ ...trackerRow(project), UpdateExpression: "REMOVE s3_key, s3_bucket" }),
    );
    expect(await reasonFor(project)).toBe("MISSING_KEY");
    await directDynamodb.send(new DeleteCommand(trackerRow(project)));
    expect(await reasonFor(project)).toBe("NOT_FOUND");
  });

  it("may be one of hundreds of the store, which are looked up by the hundred", async () => {
    const entries = Array.from({ length: 101 }, (_, n) => ({
      source_type: "docstore",
      document_id: `${anyName()}${n}`,
    }));
    const project = await anyProject(only(...entries, ...entries));
    const calls = await callsDuring(async () => expect((await prepare(project)).body.warnings).toHaveLength(202));
    expect(calls.map(({ operation }) => operation)).toEqual(["GetItem", "BatchGetItem", "BatchGetItem"]);
  });

  it("may be every one of the store, while their table cannot be read", async () => {
    const key = await putText("text");
    const project = await anyProject();
    const entry = { source_type: "docstore", document_id: await putDocument(project, { s3_key: key }) };
    await configure(project, only(entry, { s3_key: key }));
    await injectFault({ service: "dynamodb", operation: "BatchGetItem", error: "AccessDeniedException" });
    const { status, body } = await prepare(project);
    expect([status, body.total_docs]).toEqual([200, 1]);
    expect(body.warnings).toEqual([{ filename: "unknown.md", reason: "READ_FAILED" }]);
  });
});

describe("a required document that cannot be had", () => {
  const required = true;

  it("fails the whole request and is named with all others of its kind", async () => {
    const key = await putText("text");
    const entries = [
      { filename: "a.md", required },
      { s3_key: key },
      { filename: "left out.md" },
      { filename: "b.md", required, source_type: "http" },
    ];
    // That there are too many is looked at afterwards.
    const project = await anyProject({ ...only(...entries), max_docs: 0 });
    for (const dry_run of [true, false]) {
      const { status, body } = await prepare(project, { dry_run });
      const failed = [
        { filename: "a.md", reason: "MISSING_KEY" },
        { filename: "b.md", reason: "UNKNOWN_SOURCE_TYPE" },
      ];
      expect([status, body]).toMatchObject([500, { success: false, failed }]);
      expect(body.error).toContain("a.md, b.md");
      expect(body.error_envelope).toMatchObject({ code: "INTERNAL_ERROR", retryable: false, details: { failed } });
    }
  });

  it.each([
    ["InternalError", 10, true],
    ["SlowDown", 10, true],
    ["AccessDenied", 1, false],
    ["NoSuchBucket", 1, false],
  ])("may be had later where S3 says %s, or not", async (error, times, retryable) => {
    const project = await anyProject(only({ s3_key: await putText("text"), filename: "a.md", required }));
    await injectFault({ service: "s3", error, times });
    const { status, body } = await prepare(project);
    expect([status, body.failed]).toEqual([500, [{ filename: "a.md", reason: "READ_FAILED" }]]);
    expect(body.error_envelope.retryable).toBe(retryable);
    expect(JSON.stringify(body)).not.toContain(error);
    await clearFaults();
    expect((await prepare(project)).status).toBe(200);
  });

  it("may be had later where the connection breaks", async () => {
    const project = await anyProject(only({ s3_key: await putText("text"), required }));
    await injectFault({ service: "s3", dropAnswer: true, times: 10 });
    expect((await prepare(project)).body.error_envelope.retryable).toBe(true);
  });
});

describe("the limits", () => {
  it("of the number: refuses with all but the content, and 0 is one too", async () => {
    const key = await putText("text");
    const project = await anyProject({
      ...only({ s3_key: key, filename: "a" }, { s3_key: key, filename: "b" }),
      max_docs: 1,
    });
    for (const dry_run of [true, false]) {
      const { status, body } = await prepare(project, { dry_run });
      expect([status, body]).toMatchObject([400, { total_docs: 2, max_docs: 1, recommendation: expect.any(String) }]);
      expect(body.error).toMatch(/2.*1/);
      expect(body.documents).toEqual(
        ["a", "b"].map((name) => {
          const { content: _, ...rest } = described("text", key, name);
          return rest;
        }),
      );
      expect(body.error_envelope).toMatchObject({ code: "INVALID_INPUT", retryable: false });
    }
    await configure(project, { max_docs: 0 });
    expect((await prepare(project)).body).toMatchObject({ success: false, total_docs: 1, max_docs: 0 });
    await configure(project, { ...only(), max_docs: 0 });
    expect((await prepare(project)).body).toMatchObject({ success: true, documents: [], total_docs: 0 });
  });

  it("of the bytes: refuses what is longer than an answer takes, but not a dry run", async () => {
    const [whole, one] = [await putText("x".repeat(MAX_BYTES)), await putText("y")];
    const project = await anyProject(only({ s3_key: whole, filename: "whole" }));
    const { status, body } = await prepare(project);
    expect([status, body.documents[0]?.content?.length]).toEqual([200, MAX_BYTES]);
    await configure(project, only({ s3_key: one }, { s3_key: whole, filename: "whole" }));
    const refused = await prepare(project);
    expect([refused.status, refused.body]).toMatchObject([
      400,
      { total_docs: 2, max_docs: 5, total_bytes: MAX_BYTES + 1, max_bytes: MAX_BYTES },
    ]);
    expect(refused.body.documents[1]).toEqual(expect.not.objectContaining({ content: expect.anything() }));
    expect(refused.body.documents[1]).toMatchObject({ filename: "whole", size_bytes: MAX_BYTES });
    expect((await prepare(project, { dry_run: true })).body).toMatchObject({ success: true, total_docs: 2 });
  });

  it("of the answer itself: refuses texts that grow too long as they are written", async () => {
    const project = await anyProject(only({ s3_key: await putText('"'.repeat(2_000_000)) }));
    const { status, body } = await prepare(project);
    expect([status, body.error_envelope.code]).toEqual([400, "INVALID_INPUT"]);
    expect(body.total_bytes).toBeGreaterThan(8_000_000);
    expect(body.total_bytes).toBeGreaterThan(body.max_bytes ?? Number.NaN);
  });
});

describe("a project that cannot be looked up", () => {
  it("is a 404 where there is none", async () => {
    const { status, body } = await prepare(anyName());
    expect([status, body.error_envelope.code]).toEqual([404, "NOT_FOUND"]);
  });

  it("is a failure that may pass where the registry cannot be read", async () => {
    const project = await anyProject();
    await injectFault({ service: "dynamodb", operation: "GetItem", error: "AccessDeniedException" });
    const { status, body } = await prepare(project);
    expect([status, body.error_envelope]).toMatchObject([500, { code: "INTERNAL_ERROR", retryable: true }]);
    expect((await prepare(project)).status).toBe(200);
  });
});
