import { existsSync } from "node:fs";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { freePortPair, runStart, temporaryFolder } from "../../support/local-system.ts";

// Each start takes seconds, many more on a busy machine.
jest.setTimeout(120_000);

/** Node is there, Java is not. */
const BIN = resolve(import.meta.dirname, "../../../node_modules/.bin");

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let dataDir: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  dataDir = join(folder.path, "data");
});

afterEach(() => folder.remove());

async function refusal(flags: readonly string[], environment: Record<string, string | undefined> = {}) {
  const program = runStart(["--port", String(await freePortPair()), ...flags], environment);
  return { code: await program.exit, errors: program.errors(), output: program.output() };
}

async function fakeJava(script: string): Promise<string> {
  const bin = join(folder.path, "bin");
  await mkdir(bin);
  await writeFile(join(bin, "java"), `#!/bin/sh\n${script}\n`);
  await chmod(join(bin, "java"), 0o755);
  return `${bin}:${BIN}:/bin:/usr/bin`;
}

describe("without a fitting Java", () => {
  const howTo = "install a Java runtime, for example with .*apt-get.*brew.*adoptium";

  it("says in one sentence how to get it, and starts nothing", async () => {
    const { code, errors, output } = await refusal(["--data", dataDir], { PATH: BIN });
    expect(code).toBe(1);
    expect(errors).toMatch(
      new RegExp(`^DynamoDB Local needs Java 11 or newer, and there is none here: ${howTo}.*\\.\n$`),
    );
    expect(output).toBe(errors);
    expect(existsSync(dataDir)).toBe(false);
  });

  it("does not mistake the stub of macOS for one", async () => {
    const PATH = await fakeJava('echo "Unable to locate a Java Runtime." >&2; exit 1');
    const { code, errors } = await refusal(["--data", dataDir], { PATH });
    expect([code, errors]).toEqual([1, expect.stringContaining("there is none here")]);
  });

  it("names the version that is too old", async () => {
    const PATH = await fakeJava(`echo 'openjdk version "1.8.0_292"' >&2`);
    const { code, errors } = await refusal(["--data", dataDir], { PATH });
    expect([code, errors]).toEqual([1, expect.stringContaining("the one here is 8")]);
  });
});

describe("a data folder that cannot be used", () => {
  it("is one below a file", async () => {
    await writeFile(join(folder.path, "file"), "");
    const { code, errors } = await refusal(["--data", join(folder.path, "file", "data")]);
    expect([code, errors]).toEqual([1, expect.stringMatching(/^The data folder .* cannot be written .*--data\.\n$/)]);
  });

  it("is one with somebody else's files, when it is to be emptied", async () => {
    await writeFile(join(folder.path, "thesis.md"), "years of work");
    const { code, errors } = await refusal(["--data", folder.path, "--fresh"]);
    expect([code, errors]).toEqual([1, expect.stringContaining("--fresh does not empty it")]);
    expect(existsSync(join(folder.path, "thesis.md"))).toBe(true);
  });
});

describe("flags", () => {
  it("are explained", async () => {
    const { code, output } = await refusal(["--help"]);
    expect(code).toBe(0);
    for (const flag of ["--port", "--data", "--fresh", "--no-seed"]) expect(output).toContain(flag);
  });

  it.each([
    [["--port", "abc"], /must be a port from 1 to 65533/],
    [["--porto", "1"], /unknown option '--porto'/],
  ])("%j are refused", async (flags, reason) => {
    const program = runStart([...flags, "--data", dataDir]);
    expect(await program.exit).toBe(1);
    expect(program.errors()).toMatch(reason);
    expect(existsSync(dataDir)).toBe(false);
  });
});
