import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { alarmsOf } from "../../../scripts/alarms/alarms.ts";
import { alarmsFile } from "../../../scripts/alarms/file.ts";
import { uncovered } from "../../../scripts/alarms/uncovered.ts";
import { applyChanges } from "../../../scripts/function-generator/apply.ts";
import type { Change } from "../../../scripts/function-generator/change.ts";
import type { Choice } from "../../../scripts/function-generator/choice.ts";
import { planFunction } from "../../../scripts/function-generator/plan.ts";
import { planRemoval } from "../../../scripts/function-generator/removal.ts";
import { readRepository } from "../../../scripts/function-generator/repository.ts";
import { resolvedConfig } from "../../../scripts/service/resolved-config.ts";
import { verifyWorkflowCoverage } from "../../../scripts/verify-workflow-coverage.ts";
import { RepositoryCopy } from "../../support/repository-copy.ts";

// Every step is a program of its own; a busy machine is no failure.
jest.setTimeout(300_000);

const common = { about: "Does it for the test", memory: 256, timeout: 20 };

/** One of each trigger but the one that is made by the command, and the other ways of HTTP. */
const CHOICES: readonly Choice[] = [
  { ...common, name: "row-follower", trigger: "stream", table: "DocumentsTable" },
  { ...common, name: "work-horse", trigger: "queue", queue: undefined },
  {
    ...common,
    name: "reopened-watch",
    trigger: "rule",
    source: "enceladus.tracker",
    detailType: "record.status.reopened",
  },
  { ...common, name: "object-watch", trigger: "rule", source: "aws.s3", detailType: "Object Created" },
  { ...common, name: "night-watch", trigger: "schedule", schedule: "cron(0 3 * * ? *)" },
  {
    ...common,
    name: "a-note",
    trigger: "http",
    method: "PUT",
    path: "/api/v1/a-note/{projectId}/{noteId}",
    scope: "tracker:write",
  },
  {
    ...common,
    name: "people-only",
    trigger: "http",
    method: "GET",
    path: "/api/v1/people-only",
    scope: "projects:read",
  },
];
const TIDE_TABLE = [
  "tide-table",
  "--trigger",
  "http",
  "--scope",
  "deploy:read",
  "--about",
  "Lists the tides of a project",
];
const NAMES = ["tide-table", ...CHOICES.map(({ name }) => name)];

let copy: RepositoryCopy;
let before: Map<string, string>;
const nothing = async () => {};

const written = (changes: readonly Change[]) =>
  changes.filter(({ path, after }) => after !== undefined && path.endsWith(".ts")).map(({ path }) => path);

beforeAll(() => {
  copy = new RepositoryCopy();
  before = copy.files();
});
afterAll(() => copy.dispose());

const newFunction = (...args: string[]) => copy.run("node", "scripts/new-function.ts", ...args);

describe("npm run new:function", () => {
  it("says what it would write, or why it would not, and writes nothing of it", async () => {
    const [planned, refused] = await Promise.all([newFunction(...TIDE_TABLE, "--dry-run"), newFunction("tide-table")]);
    expect(planned).toEqual({
      code: 0,
      output: expect.stringMatching(/new +functions\/tide-table\/operations\.ts.*Nothing is written\./s),
      errors: "",
    });
    expect(refused).toEqual({ code: 1, output: "", errors: expect.stringContaining("--trigger is needed") });
    expect(copy.files()).toEqual(before);
  });

  it("makes functions of every trigger that every check passes as they are", async () => {
    const changes: Change[] = [];
    for (const choice of CHOICES) {
      const plan = planFunction(choice, readRepository(copy.root));
      await applyChanges(copy.root, plan, nothing);
      changes.push(...plan);
    }
    await copy.run("biome", "check", "--write", "--vcs-enabled=false", ...written(changes));
    // What follows from the declarations is written by the last one, for all of them.
    expect(await newFunction(...TIDE_TABLE)).toMatchObject({ code: 0, errors: "" });

    const sources = [...copy.files().keys()].filter((path) => NAMES.some((name) => path.includes(`functions/${name}`)));
    expect(sources).toHaveLength(4 * NAMES.length);
    const include = sources.filter((path) => path.endsWith(".ts"));
    const notes = join(copy.root, "notes");
    mkdirSync(notes);
    const typescript = { extends: "../tsconfig.json", include: include.map((path) => `../${path}`) };
    writeFileSync(join(notes, "tsconfig.json"), JSON.stringify(typescript));
    const unitTests = include.filter((path) => path.startsWith("test/unit/"));
    const config = await resolvedConfig("prod", copy.root);
    writeFileSync(join(notes, "resolved.json"), JSON.stringify(config));
    const unit = [
      "--experimental-vm-modules",
      "node_modules/jest/bin/jest.js",
      "--selectProjects=unit",
      "--runTestsByPath",
    ];
    const checks = [
      ["tsc", "--noEmit", "-p", "notes"],
      [
        "biome",
        "check",
        "--error-on-warnings",
        "--vcs-enabled=false",
        ...include,
        "test/integration/identity/projects.test.ts",
      ],
      ["node", "scripts/openapi.ts", "--check"],
      ["node", "scripts/write-postman.ts", "--check"],
      ["node", ...unit, ...unitTests],
    ];
    for (const [program = "", ...args] of checks) {
      const { code, output, errors } = await copy.run(program, ...args);
      expect({ program, code, output: code === 0 ? "" : output + errors }).toEqual({ program, code: 0, output: "" });
    }
    const report = await verifyWorkflowCoverage({ root: copy.root, resolved: [join(notes, "resolved.json")] });
    expect(report).toEqual({ ok: true, production_count: expect.any(Number), errors: [] });
    expect(copy.read("resources/alarms.yml")).toBe(alarmsFile(alarmsOf(config, "prod")));
    expect(uncovered(config)).toEqual([]);
    rmSync(notes, { recursive: true });
  });

  it("leaves no trace of what npm run remove:function has taken away", async () => {
    for (const name of NAMES.slice(1)) {
      const { changes, mentions } = planRemoval(name, readRepository(copy.root));
      expect(mentions.map(({ path, line }) => `${path}:${line}`)).toEqual([]);
      await applyChanges(copy.root, changes, nothing);
    }
    const { code, output } = await copy.run("node", "scripts/remove-function.ts", "tide-table");
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining("The next deploy of the stack") });
    const after = copy.files();
    expect([...after].filter(([path, text]) => before.get(path) !== text).map(([path]) => path)).toEqual([]);
    expect([...after.keys()]).toEqual([...before.keys()]);
  });
});

describe("npm run remove:function", () => {
  it("says what speaks of a function, and goes on only when it is told to", async () => {
    const { code, output, errors } = await copy.run("node", "scripts/remove-function.ts", "doc-prep");
    expect(code).toBe(1);
    expect(output).toMatch(/functions\/deploy-intake\/function\.yml:\d+: DOC_PREP_LAMBDA_NAME/);
    expect(errors).toContain("Nothing is written");
  });

  it("says which functions there are where there is none of that name", async () => {
    const { code, errors } = await copy.run("node", "scripts/remove-function.ts", "none");
    expect({ code, errors }).toEqual({ code: 1, errors: expect.stringContaining("There are: agent-keys, ") });
  });
});
