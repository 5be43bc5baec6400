import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { openDataFolder } from "../../../scripts/local/data-folder.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "data-folder-"));
});

afterEach(() => rm(folder, { recursive: true }));

/** A process that is there for sure, and one that is not. */
const LIVING_PID = process.ppid;
const DEAD_PID = 2 ** 22 + 1;

describe("the lock", () => {
  it("names the process, and goes when it is released", async () => {
    const data = await openDataFolder(folder, false);
    expect(await readFile(join(folder, "lock"), "utf8")).toBe(String(process.pid));
    data.release();
    expect(existsSync(join(folder, "lock"))).toBe(false);
  });

  it("is respected while its holder lives", async () => {
    await writeFile(join(folder, "lock"), String(LIVING_PID));
    await expect(openDataFolder(folder, false)).rejects.toThrow(`in use by process ${LIVING_PID}`);
    await expect(openDataFolder(folder, true)).rejects.toThrow("in use by process");
  });

  it.each([String(DEAD_PID), "", "rubbish"])("is taken over when it says %j", async (content) => {
    await writeFile(join(folder, "lock"), content);
    const data = await openDataFolder(folder, false);
    expect(await readFile(join(folder, "lock"), "utf8")).toBe(String(process.pid));
    data.release();
  });
});

describe("a folder that cannot be used", () => {
  it("is one below a file", async () => {
    await writeFile(join(folder, "file"), "");
    await expect(openDataFolder(join(folder, "file", "data"), false)).rejects.toThrow(/cannot be written.*--data/);
  });
});

describe("--fresh", () => {
  it("empties what an earlier start has left", async () => {
    (await openDataFolder(folder, false)).release();
    await writeFile(join(folder, "secrets.json"), "[]");
    (await openDataFolder(folder, true)).release();
    expect(await readdir(folder)).toEqual(["enceladus-data"]);
  });

  it("leaves a folder alone that holds somebody else's files, and unlocks it", async () => {
    await writeFile(join(folder, "thesis.md"), "years of work");
    await expect(openDataFolder(folder, true)).rejects.toThrow(/--fresh does not empty it/);
    expect(await readdir(folder)).toEqual(["thesis.md"]);
  });
});
