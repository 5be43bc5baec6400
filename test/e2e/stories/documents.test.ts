import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { appendFile, cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { ApiCaller } from "../../support/api-caller.ts";
import { runScript } from "../../support/command.ts";
import { system } from "../../support/shared-system.ts";

const FOLDER = resolve(import.meta.dirname, "../../fixtures/beads/markdown");
const PROJECT = "documents-story";

interface Listed {
  document_id: string;
  file_name: string;
  content_hash: string;
  size_bytes: number;
  version: number;
  compliance_score: number;
}

let agent: ApiCaller;

beforeAll(async () => {
  agent = ApiCaller.service(system);
  await ApiCaller.person(system).createProject(PROJECT, "DSY");
});

const put = (folder: string) => runScript("documents-put", [folder, "--project", PROJECT, "--data", system.dataDir]);

async function listAll(): Promise<Map<string, Listed>> {
  const documents: Listed[] = [];
  let cursor = "";
  do {
    const { body } = await agent.get(`/api/v1/documents?project=${PROJECT}${cursor}`);
    documents.push(...(body.documents as Listed[]));
    cursor = body.next_cursor === undefined ? "" : `&cursor=${body.next_cursor}`;
  } while (cursor);
  // Every project has a reference document, too.
  const ours = documents.filter(({ file_name }) => file_name !== `${PROJECT}-reference.md`);
  return new Map(ours.map((document) => [document.file_name, document]));
}

/**
 * Words of a text, those first that the fewest of all texts have.
 * @param all in lower case
 */
function rareWordsOf(text: string, all: readonly string[]): string[] {
  const words = new Set(
    text
      .toLowerCase()
      .match(/\b[a-z]{6,14}\b/g)
      ?.slice(0, 100),
  );
  const counted = [...words].map((word) => ({ word, texts: all.filter((other) => other.includes(word)).length }));
  return counted
    .toSorted((one, other) => one.texts - other.texts || (one.word < other.word ? -1 : 1))
    .map(({ word }) => word);
}

async function namesFound(text: string): Promise<string[]> {
  const query = new URLSearchParams({ project: PROJECT, text });
  const { body } = await agent.get(`/api/v1/documents/search?${query}`);
  return (body.documents as Listed[]).map(({ file_name }) => file_name);
}

describe("the documents of a real project", () => {
  const names = readdirSync(FOLDER).sort();
  const files = new Map(names.map((name) => [name, readFileSync(join(FOLDER, name))]));

  it("go in with one command, and come back byte for byte", async () => {
    const { code, output } = await put(FOLDER);
    expect([code, output]).toEqual([
      0,
      expect.stringContaining(`created ${names.length}, updated 0, unchanged 0, failed 0`),
    ]);
    const listed = await listAll();
    expect([...listed.keys()].sort()).toEqual(names);
    for (const [name, bytes] of files) {
      const { document_id, content_hash, size_bytes } = listed.get(name) as Listed;
      const { body } = await agent.get(`/api/v1/documents/${document_id}`);
      expect(Buffer.from(String(body.content)).equals(bytes)).toBe(true);
      expect([content_hash, size_bytes]).toEqual([createHash("sha256").update(bytes).digest("hex"), bytes.byteLength]);
    }
  });

  it("are found by words from their bodies", async () => {
    const texts = [...files.values()].map((bytes) => bytes.toString().toLowerCase());
    const sought = names.map((name) => ({
      name,
      text: rareWordsOf(String(files.get(name)), texts)
        .slice(0, 2)
        .join(" "),
    }));
    expect(sought.every(({ text }) => text !== "")).toBe(true);
    // The index follows the documents in their order, by a moment.
    const giveUpAt = Date.now() + 90_000;
    for (const { name, text } of sought) {
      let found = await namesFound(text);
      while (!found.includes(name) && Date.now() < giveUpAt) {
        await wait(250);
        found = await namesFound(text);
      }
      expect([text, found]).toEqual([text, expect.arrayContaining([name])]);
    }
    expect(await namesFound("qwertzuiop")).toEqual([]);
  });

  it("are not written again unless they have changed, and what cannot go in is told", async () => {
    const before = await listAll();
    const again = await put(FOLDER);
    expect([again.code, again.output]).toEqual([
      0,
      expect.stringContaining(`created 0, updated 0, unchanged ${names.length}, failed 0`),
    ]);
    expect(await listAll()).toEqual(before);

    const copy = await mkdtemp(join(tmpdir(), "enceladus-documents-"));
    try {
      await cp(FOLDER, copy, { recursive: true });
      await appendFile(join(copy, names[0] as string), "\nOne more line.\n");
      await writeFile(join(copy, "zip.md"), Buffer.from("504b0304140000000800ffd8", "hex"));
      await writeFile(join(copy, "empty.md"), "");
      const { code, output } = await put(copy);
      expect(code).toBe(1);
      expect(output).toContain(`created 0, updated 1, unchanged ${names.length - 1}, failed 2`);
      expect(output).toContain("zip.md: it is not text in UTF-8");
    } finally {
      await rm(copy, { recursive: true });
    }
    const after = await listAll();
    const changed = names.filter((name) => after.get(name)?.version !== before.get(name)?.version);
    expect(changed).toEqual([names[0]]);
    const id = after.get(names[0] as string)?.document_id;
    const { body } = await agent.get(`/api/v1/documents/${id}/history`);
    expect((body.entries as { seq: number }[]).map(({ seq }) => seq)).toEqual([2, 1]);
  });
});
