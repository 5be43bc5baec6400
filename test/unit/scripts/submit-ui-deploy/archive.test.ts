import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { unzipSync } from "fflate";
import { packSources } from "../../../../scripts/submit-ui-deploy/archive.ts";

let folder: string;

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "enceladus-ui-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("the sources of a user interface, packed", () => {
  it("are the files of the folder, without what the builder makes itself", async () => {
    for (const path of ["index.html", "src/a.ts", "src/deep/b.ts", "distribution/c"]) await put(path, path);
    for (const name of [".git", "node_modules", "dist", ".cache", ".vite", "coverage"]) {
      await put(`${name}/x`, "");
      await put(`src/${name}/x`, "");
    }
    await put("src/.DS_Store", "");
    const { bytes, files } = await packSources(folder);
    expect(files).toEqual(["distribution/c", "index.html", "src/a.ts", "src/deep/b.ts"]);
    const unpacked = Object.entries(unzipSync(bytes)).map(([name, content]) => [
      name,
      new TextDecoder().decode(content),
    ]);
    expect(unpacked).toEqual(files.map((file) => [file, file]));
  });

  it("are the same bytes every time", async () => {
    await put("b", "2");
    await put("a", "1");
    const first = await packSources(folder);
    await put("a", "1");
    expect(Buffer.compare(first.bytes, (await packSources(folder)).bytes)).toBe(0);
  });

  it("have nothing in them from outside of the folder", async () => {
    await put("a", "1");
    await symlink("/etc/passwd", join(folder, "passwd"));
    await symlink("/etc", join(folder, "etc"));
    expect((await packSources(folder)).files).toEqual(["a"]);
  });

  it("are refused where there are none, with the folder's name", async () => {
    await expect(packSources(folder)).rejects.toThrow(`There are no files in ${folder}.`);
    await expect(packSources(join(folder, "none"))).rejects.toThrow("cannot be read as a folder");
  });
});
