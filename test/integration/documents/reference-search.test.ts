import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { forgetReferences } from "../../../domain/documents/index.ts";
import { handler } from "../../../functions/reference-search/handler.ts";
import { byKey, issueKey } from "../../support/agent-keys.ts";
import { callFunction } from "../../support/call-function.ts";
import { anyName, makeProject } from "../../support/projects.ts";
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

interface Found {
  snippets: { line_number: number; matched_line: string; match_positions: number[][] }[];
  match_count: number;
  truncated: boolean;
  document_info: { total_lines: number; last_modified: string | null; s3_key: string };
  error: string;
  s3_key?: string;
  error_envelope: { code: string; retryable: boolean; details: Record<string, unknown> };
}

type Query = Readonly<Record<string, string>>;
type Headers = Readonly<Record<string, string>>;

function search(query: Query, headers: Headers = { cookie: signIn() }) {
  return callFunction<Found>(handler, { method: "GET", path: "/api/v1/reference/search", query, headers });
}

const keyOf = (project: string) => `mobile/v1/reference/${project}.md`;
const Bucket = realName("buckets", "assets");

/** Writes the reference document of a project that nobody else uses. */
async function written(Body: string | Uint8Array, project = anyName()): Promise<string> {
  const ContentLength = Buffer.byteLength(Body);
  await directS3.send(new PutObjectCommand({ Bucket, Key: keyOf(project), Body, ContentLength }));
  return project;
}

/** Writes one that is larger than what the local store takes at once. */
async function writtenInParts(bytes: Uint8Array): Promise<string> {
  const project = anyName();
  const target = { Bucket, Key: keyOf(project) };
  const { UploadId } = await directS3.send(new CreateMultipartUploadCommand(target));
  const middle = bytes.length >> 1;
  const Parts = await Promise.all(
    [bytes.subarray(0, middle), bytes.subarray(middle)].map(async (Body, index) => {
      const part = { ...target, UploadId, PartNumber: index + 1 };
      const { ETag } = await directS3.send(new UploadPartCommand({ ...part, Body }));
      return { ETag, PartNumber: part.PartNumber };
    }),
  );
  await directS3.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }));
  return project;
}

const DOCUMENT = [
  "intro",
  "# Alpha",
  "",
  "## Deployment 😀",
  "How to deploy: deploy it",
  "```",
  "# deploy",
  "```",
].join("\r\n");

beforeAll(() => actAs("referenceSearch"));
beforeEach(forgetReferences);
afterEach(clearFaults);

describe("a search in a reference document", () => {
  it("answers the lines that match, with their sections, contexts and positions", async () => {
    const project = await written(DOCUMENT);
    const { status, body } = await search({ project: ` ${project} `, query: " Deploy ", context_lines: "1" });
    expect(status).toBe(200);
    expect(body).toEqual({
      success: true,
      project_id: project,
      query: "Deploy",
      search_mode: "text",
      match_count: 3,
      truncated: false,
      snippets: [
        {
          line_number: 4,
          section: "## Deployment 😀",
          section_line: 4,
          context_before: [""],
          matched_line: "## Deployment 😀",
          context_after: ["How to deploy: deploy it"],
          match_positions: [[3, 9]],
        },
        {
          line_number: 5,
          section: "## Deployment 😀",
          section_line: 4,
          context_before: ["## Deployment 😀"],
          matched_line: "How to deploy: deploy it",
          context_after: ["```"],
          match_positions: [
            [7, 13],
            [15, 21],
          ],
        },
        {
          line_number: 7,
          section: "## Deployment 😀",
          section_line: 4,
          context_before: ["```"],
          matched_line: "# deploy",
          context_after: ["```"],
          match_positions: [[2, 8]],
        },
      ],
      document_info: {
        total_lines: 8,
        last_modified: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        s3_key: keyOf(project),
      },
    });
  });

  it("looks for a pattern, in its own case, in one section, and no further than asked", async () => {
    const project = await written(DOCUMENT);
    const lines = async (query: Query) => {
      const { body } = await search({ project, ...query });
      return [body.snippets.map(({ line_number }) => line_number), body.truncated];
    };
    expect(await lines({ query: "de.loy", regex: "TRUE" })).toEqual([[4, 5, 7], false]);
    expect(await lines({ query: "de.loy", regex: "yes" })).toEqual([[], false]);
    expect(await lines({ query: "Deploy", case_sensitive: "True" })).toEqual([[4], false]);
    expect(await lines({ query: "a", section: "^# alpha$" })).toEqual([[2], false]);
    expect(await lines({ query: "o", section: "" })).toEqual([[1, 4, 5, 7], false]);
    expect(await lines({ query: "deploy", max_results: "2" })).toEqual([[4, 5], true]);
    expect(await lines({ query: "deploy", max_results: "-7" })).toEqual([[4], true]);
    expect(await lines({ query: "deploy", max_results: "99999999999999999999" })).toEqual([[4, 5, 7], false]);
  });

  it("shows two lines around a match, none, or at most ten", async () => {
    const project = await written(`${"a\n".repeat(15)}x\n${"b\n".repeat(15)}`);
    const context = async (query: Query) => {
      const [snippet] = (await search({ project, query: "x", ...query })).body.snippets;
      const { context_before, context_after } = snippet as unknown as Record<string, string[]>;
      return [context_before?.length, context_after?.length];
    };
    expect(await context({})).toEqual([2, 2]);
    expect(await context({ context_lines: "0" })).toEqual([0, 0]);
    expect(await context({ context_lines: "+11" })).toEqual([10, 10]);
    expect(await context({ context_lines: "-1" })).toEqual([0, 0]);
  });

  it("finds what a project's document begins with", async () => {
    const { project_id } = await makeProject();
    const { body } = await search({ project: project_id, query: "update log", section: "^## " });
    expect(body.snippets).toMatchObject([{ matched_line: "## 5. Update log" }]);
  });

  it("reads bytes that are no UTF-8 as what stands for them, and keeps a byte order mark", async () => {
    const bytes = Buffer.concat([Buffer.from("\ufeffx\na "), Buffer.from([0xff, 0xc3, 0x28]), Buffer.from(" x")]);
    const { body } = await search({ project: await written(bytes), query: "x" });
    expect(body.snippets).toMatchObject([
      { matched_line: "\ufeffx", match_positions: [[1, 2]] },
      { matched_line: "a \ufffd\ufffd( x", match_positions: [[6, 7]] },
    ]);
  });

  it("has its time with a document of 10 MB too", async () => {
    const project = await written(`# A heading\n${"some words of a line\n".repeat(500_000)}the last 1 line`);
    const queries: Query[] = [{ query: "last 1" }, { query: "(\\w+ )*\\d line$", regex: "true", section: "heading" }];
    for (const query of queries) {
      const { status, body } = await search({ project, ...query });
      expect([status, body.document_info?.total_lines]).toEqual([200, 500_002]);
      expect(body.snippets).toMatchObject([{ line_number: 500_002 }]);
    }
  });

  it("finds nothing in an empty document", async () => {
    const { body } = await search({ project: await written(""), query: "x" });
    expect(body).toMatchObject({ match_count: 0, snippets: [], document_info: { total_lines: 0 } });
  });
});

describe("a search that cannot be made", () => {
  const GOOD = { project: "any", query: "x" };
  const { project: _, ...withoutProject } = GOOD;
  const { query: __, ...withoutQuery } = GOOD;

  it.each<[field: string, what: string, query: Query]>([
    ["project", "missing", withoutProject],
    ["project", "blank", { ...GOOD, project: " " }],
    ["project", "a path", { ...GOOD, project: "../a" }],
    ["project", "another letter", { ...GOOD, project: "ä" }],
    ["project", "too long", { ...GOOD, project: "a".repeat(513) }],
    ["query", "missing", withoutQuery],
    ["query", "blank", { ...GOOD, query: " \t" }],
    ["query", "too long", { ...GOOD, query: "😀".repeat(501) }],
    ["query", "half a character", { ...GOOD, query: "\ud83d" }],
    ["context_lines", "empty", { ...GOOD, context_lines: "" }],
    ["context_lines", "a fraction", { ...GOOD, context_lines: "2.5" }],
    ["max_results", "a word", { ...GOOD, max_results: "many" }],
    ["max_results", "a number in another notation", { ...GOOD, max_results: "1e1" }],
    ["section", "too long", { ...GOOD, section: "a".repeat(501) }],
  ])("is a 400 that names the field, before anything is read: %s %s", async (field, _what, query) => {
    const calls = await callsDuring(async () => {
      const { status, body } = await search(query);
      expect([status, body.error_envelope.code]).toEqual([400, "INVALID_INPUT"]);
      expect(body.error).toContain(`${field}: `);
    });
    expect(calls).toEqual([]);
  });

  it("may have a query of 500 characters", async () => {
    const project = await written("x");
    expect((await search({ project, query: ` ${"😀".repeat(500)} ` })).body).toMatchObject({ match_count: 0 });
  });

  it.each(["(", "(?=a)", "(a)\\1", "((a{1000}){1000})"])(
    "is a 400 where the pattern is none or too large, once there is a document: %s",
    async (pattern) => {
      const project = await written("x");
      for (const [field, query] of [
        ["query", { query: pattern, regex: "true" }],
        ["section", { query: "x", section: pattern }],
      ] as const) {
        const { status, body } = await search({ project, ...query });
        expect([status, body.error_envelope.code]).toEqual([400, "INVALID_INPUT"]);
        expect(body.error).toContain(`${field}: `);
        expect((await search({ project: anyName(), ...query })).status).toBe(404);
      }
    },
  );

  it("is a 404 that says where the document would be", async () => {
    const project = anyName();
    const { status, body } = await search({ project, query: "x" });
    expect([status, body.error_envelope.code, body.s3_key]).toEqual([404, "NOT_FOUND", keyOf(project)]);
    expect(body.error_envelope.details).toEqual({ s3_key: keyOf(project) });
    expect(body.error).toContain(project);
  });

  it("is a 400 with what to do where the document is too large, and another one can be searched at once", async () => {
    const project = await writtenInParts(new Uint8Array(16 * 1024 * 1024 + 1).fill(97));
    const { status, body } = await search({ project, query: "x" });
    expect([status, body.error_envelope.code]).toEqual([400, "INVALID_INPUT"]);
    expect(body.error_envelope.details).toMatchObject({
      s3_key: keyOf(project),
      size_bytes: 16_777_217,
      max_bytes: 16_777_216,
      next_action: expect.stringMatching(/./),
    });
    expect((await search({ project: await written("x"), query: "x" })).status).toBe(200);
  });

  it.each([{ error: "AccessDenied" }, { error: "InternalError", times: 3 }, { dropAnswer: true, times: 3 }] as const)(
    "is a 500 that may be tried again where the store fails: %j",
    async (fault) => {
      const project = await written("x");
      await injectFault({ service: "s3", operation: "GetObject", ...fault });
      const { status, body } = await search({ project, query: "x" });
      expect([status, body.error_envelope]).toMatchObject([500, { code: "INTERNAL_ERROR", retryable: true }]);
      expect((await search({ project, query: "x" })).status).toBe(200);
    },
  );
});

describe("a container that has searched a document before", () => {
  /** The status of each call of S3 in some work. */
  async function statuses(work: () => Promise<unknown>): Promise<number[]> {
    return (await callsDuring(work)).filter(({ service }) => service === "s3").map(({ status }) => status);
  }

  it("is not sent it again while it is the same", async () => {
    const project = await written("x\nx");
    let first: unknown;
    const cold = await statuses(async () => {
      first = (await search({ project, query: "x" })).body;
    });
    const warm = await statuses(async () => {
      expect((await search({ project, query: "x" })).body).toEqual(first);
      expect((await search({ project, query: "y" })).body).toMatchObject({ match_count: 0 });
    });
    expect([cold, warm]).toEqual([[200], [304, 304]]);
  });

  it("sees each change at once", async () => {
    const project = await written("x");
    const lines = async () => (await search({ project, query: "x" })).body.document_info?.total_lines;
    expect(await lines()).toBe(1);
    await written("x\nx", project);
    expect(await lines()).toBe(2);
    await directS3.send(new DeleteObjectCommand({ Bucket, Key: keyOf(project) }));
    expect((await search({ project, query: "x" })).status).toBe(404);
    await written("x\nx", project);
    expect(await statuses(lines)).toEqual([200]);
  });
});

describe("who may search", () => {
  it("are people, and agents with a key for it, not the internal key", async () => {
    const project = await written("x");
    const asked = async (headers: Headers) => {
      const { status, body } = await search({ project, query: "x" }, headers);
      return [status, body.error_envelope?.code];
    };
    const keyFor = async (scopes: string[], projects: string[]) =>
      asked(byKey((await issueKey({ scopes, projects })).secret));
    const home = (await makeProject()).project_id;
    expect(await asked({ cookie: signIn() })).toEqual([200, undefined]);
    expect(await keyFor(["reference:read"], ["*"])).toEqual([200, undefined]);
    expect(await keyFor(["reference:read"], [home])).toEqual([404, "NOT_FOUND"]);
    expect(await keyFor(["documents:*"], ["*"])).toEqual([403, "PERMISSION_DENIED"]);
    expect(await asked({ "X-Coordination-Internal-Key": services.internalKey })).toEqual([401, "PERMISSION_DENIED"]);
    expect(await asked({})).toEqual([401, "PERMISSION_DENIED"]);
  });
});
