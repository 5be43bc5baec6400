import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256 } from "@enceladus/shared/hash";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { ApiClient, ApiError, type ApiRequest } from "../../../scripts/api/client.ts";
import { UserError } from "../../../scripts/api/user-error.ts";
import { listDocuments } from "../../../scripts/documents/known-documents.ts";
import { markdownFiles } from "../../../scripts/documents/markdown-files.ts";
import { type Outcome, putFiles } from "../../../scripts/documents/put.ts";

interface Row {
  document_id: string;
  file_name: string;
  content_hash: string;
  status: string;
  version: number;
}

/** As much of the API as the command calls, with something to happen before a call. */
class FewDocuments extends ApiClient {
  readonly rows: Row[] = [];
  writes: ApiRequest[] = [];
  /** Calls that wait for what holds them up. */
  running = 0;
  heldUp: Promise<void> = Promise.resolve();
  before: (request: ApiRequest) => void = () => {};

  constructor() {
    super({ url: "http://nowhere", key: "k", endpointsFile: undefined });
  }

  override async call(request: ApiRequest): Promise<unknown> {
    this.running += 1;
    await this.heldUp;
    this.running -= 1;
    this.before(request);
    const { pathname, searchParams } = new URL(request.path, this.access.url);
    if (request.method === "PUT") return this.#create(request);
    const id = pathname.split("/")[4];
    if (id === undefined) return this.#list(searchParams);
    const row = this.rows.find(({ document_id }) => document_id === id);
    if (!row) throw new ApiError(404, "no such document", "404");
    return request.method === "PATCH" ? this.#change(row, request) : { document: row };
  }

  #list(query: URLSearchParams) {
    const from = Number(query.get("cursor") ?? 0);
    const to = from + Number(query.get("limit"));
    return { documents: this.rows.slice(from, to), next_cursor: to < this.rows.length ? `${to}` : undefined };
  }

  #create(request: ApiRequest) {
    const { file_name, content } = request.body as { file_name: string; content: string };
    if (file_name.startsWith("~")) throw new ApiError(400, "file_name: no", "PUT answered 400: file_name: no");
    this.writes.push(request);
    const document_id = `DOC-${this.rows.length}`;
    this.rows.push({ document_id, file_name, content_hash: sha256(content), status: "active", version: 1 });
    return { success: true, document_id };
  }

  #change(row: Row, request: ApiRequest) {
    if (request.ifVersion !== row.version) throw new ApiError(412, "another version", "412");
    this.writes.push(request);
    row.content_hash = sha256((request.body as { content: string }).content);
    row.version += 1;
    return { success: true };
  }
}

let folder: string;
let client: FewDocuments;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "enceladus-documents-"));
  const files = {
    "a.md": "# A\n",
    "x/a.md": "# XA\n",
    "x/y/b.Markdown": "text",
    "x/c.txt": "no",
    "node_modules/d.md": "no",
  };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(folder, path, ".."), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  await symlink(folder, join(folder, "x/round"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

beforeEach(() => {
  client = new FewDocuments();
});

async function put(dryRun = false): Promise<Outcome[]> {
  const target = { client, project: "moonbase", dryRun };
  return putFiles(target, folder, await markdownFiles(folder), await listDocuments(client, "moonbase"), () => {});
}

const results = (outcomes: readonly Outcome[]) => outcomes.map(({ path, result }) => `${path} ${result}`);

describe("the files of a folder", () => {
  it("are those of Markdown, in all folders, sorted", async () => {
    expect(await markdownFiles(folder)).toEqual([
      { path: "a.md", name: "a.md" },
      { path: "x/a.md", name: "x__a.md" },
      { path: "x/y/b.Markdown", name: "x__y__b.Markdown" },
    ]);
    await expect(markdownFiles(join(folder, "a.md"))).rejects.toThrow(UserError);
  });
});

describe("putting files into a project", () => {
  it("creates what is not there, and the second time writes nothing", async () => {
    expect(results(await put())).toEqual(["a.md created", "x/a.md created", "x/y/b.Markdown created"]);
    expect(client.rows.map(({ file_name }) => file_name).sort()).toEqual(["a.md", "x__a.md", "x__y__b.Markdown"]);
    expect(results(await put())).toEqual(["a.md unchanged", "x/a.md unchanged", "x/y/b.Markdown unchanged"]);
    expect(client.writes).toHaveLength(3);
    expect(client.writes.every(({ idempotencyKey }) => idempotencyKey)).toBe(true);
  });

  it("sends content only where there is another, and finds it on whatever page of the list", async () => {
    const other = { content_hash: sha256("other"), status: "active", version: 3 };
    for (let at = 0; at < 60; at++) client.rows.push({ document_id: `D${at}`, file_name: `${at}.md`, ...other });
    client.rows.push({ document_id: "A", file_name: "a.md", ...other, status: "archived" });
    const [first] = await put();
    expect(first).toEqual({ path: "a.md", result: "updated", isArchived: true });
    expect(client.writes.filter(({ method }) => method === "PATCH")).toMatchObject([
      { path: "/api/v1/documents/A", body: { content: "# A\n" }, ifVersion: 3 },
    ]);
  });

  it("sends four at a time", async () => {
    const files = await markdownFiles(folder);
    const many = Array.from({ length: 9 }, (_, at) => ({
      path: files[at % files.length]?.path ?? "",
      name: `${at}.md`,
    }));
    const { promise, resolve } = Promise.withResolvers<void>();
    client.heldUp = promise;
    const outcomes = putFiles({ client, project: "moonbase", dryRun: false }, folder, many, [], () => {});
    while (client.running < 4) await new Promise(setImmediate);
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    expect(client.running).toBe(4);
    resolve();
    expect(await outcomes).toHaveLength(9);
    expect(client.rows).toHaveLength(9);
  });

  it("writes nothing on a dry run", async () => {
    expect(results(await put(true))).toEqual(["a.md created", "x/a.md created", "x/y/b.Markdown created"]);
    expect(client.writes).toEqual([]);
  });

  describe("while somebody else changes a document", () => {
    const row = () => ({ document_id: "A", file_name: "a.md", content_hash: "old", status: "active", version: 1 });
    let changes: number;

    /** Before each of the first writes of it, the document becomes another one. */
    function changedBefore(writes: number, change: (row: Row) => void): void {
      changes = 0;
      client.before = ({ method }) => {
        const [first] = client.rows;
        if (method !== "PATCH" || changes === writes || !first) return;
        changes += 1;
        first.version += 1;
        change(first);
      };
    }

    beforeEach(() => {
      client.rows.push(row());
    });

    it("reads it again and decides again", async () => {
      changedBefore(2, () => {});
      expect((await put())[0]).toMatchObject({ result: "updated" });
      expect(client.rows[0]).toMatchObject({ content_hash: sha256("# A\n"), version: 4 });
    });

    it("leaves it alone once it is what the file is", async () => {
      changedBefore(1, (changed) => {
        changed.content_hash = sha256("# A\n");
      });
      expect((await put())[0]).toMatchObject({ result: "unchanged" });
    });

    it("creates the document that has been given another name", async () => {
      changedBefore(1, (changed) => {
        changed.file_name = "mine.md";
      });
      expect((await put())[0]).toMatchObject({ result: "created" });
    });

    it("gives up after a few times, and the others go in", async () => {
      changedBefore(Number.POSITIVE_INFINITY, () => {});
      expect(await put()).toMatchObject([
        { path: "a.md", result: "failed", reason: "another version (412)" },
        { result: "created" },
        { result: "created" },
      ]);
      expect(changes).toBe(5);
    });
  });
});

describe("files that cannot go in", () => {
  const more: Record<string, string | Uint8Array> = {
    "empty.md": "",
    "latin.md": Uint8Array.of(0x23, 0x20, 0xe4),
    "x__a.md": "# the other",
    "~home.md": "# refused",
  };

  beforeAll(async () => {
    for (const [path, content] of Object.entries(more)) await writeFile(join(folder, path), content);
    await symlink("nowhere", join(folder, "gone.md"));
  });

  it("are told with a reason, and the others go in", async () => {
    const failed = (await put()).filter(({ result }) => result === "failed");
    expect(failed.map(({ path, reason }) => `${path}: ${reason?.replace(/ENOENT.*/, "ENOENT")}`)).toEqual([
      "empty.md: it is empty",
      "gone.md: it cannot be read (ENOENT",
      "latin.md: it is not text in UTF-8",
      "x__a.md: its document would be called x__a.md, as that of x/a.md",
      "~home.md: file_name: no (400)",
    ]);
    expect(client.rows).toHaveLength(3);
  });

  it("do not hide that the API is gone", async () => {
    client.before = ({ method }) => {
      if (method === "PUT") throw new UserError("No API answers");
    };
    await expect(put()).rejects.toThrow("No API answers");
    client.before = ({ method }) => {
      if (method === "PUT") throw new ApiError(401, "no", "does not accept the key");
    };
    await expect(put()).rejects.toThrow("does not accept the key");
  });
});
