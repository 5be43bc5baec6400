/** One thing that `npm test` does. */
export interface Step {
  name: string;
  /** A program of node_modules/.bin or `node`, with its arguments. */
  command: readonly [program: string, ...args: string[]];
  /** Whether it is a jest run, whose tests are counted. */
  counts: boolean;
}

export const SUITES = ["unit", "integration", "e2e"] as const;
export type Suite = (typeof SUITES)[number];

function check(name: string, ...command: [string, ...string[]]): Step {
  return { name, command, counts: false };
}

/**
 * How many test files run at once. Unit tests take what there is; integration tests share one local AWS; of the
 * end-to-end tests some share one system, and others wait for a start of their own.
 */
const WORKERS: Readonly<Record<Suite, string>> = { unit: "100%", integration: "3", e2e: "2" };

/** The projects of jest.config.ts that a suite is made of. */
const PROJECTS: Readonly<Record<Suite, readonly string[]>> = {
  unit: ["unit"],
  integration: ["integration"],
  e2e: ["e2e", "starts"],
};

function suite(name: Suite, args: readonly string[]): Step {
  return {
    name,
    counts: true,
    command: [
      "node",
      // Jest runs ES modules by way of an interface of Node that announces itself as experimental on every start.
      "--experimental-vm-modules",
      "--disable-warning=ExperimentalWarning",
      "node_modules/jest/bin/jest.js",
      ...PROJECTS[name].map((project) => `--selectProjects=${project}`),
      "--passWithNoTests",
      `--maxWorkers=${WORKERS[name]}`,
      ...args,
    ],
  };
}

/**
 * What is checked before any test runs, the quickest first. All that looks at packages looks at the same ones.
 * @param packages an empty folder for them
 */
function checks(packages: string): Step[] {
  return [
    check("guard:secrets", "node", "scripts/verify-secrets.ts", "--patterns-only"),
    check("typecheck", "tsc", "--noEmit"),
    check("lint", "biome", "check", "--error-on-warnings", "."),
    check("guard:imports", "npm", "run", "--silent", "guard:imports"),
    check("lint:workflows", "node", "scripts/lint-workflows.ts"),
    check("guard:workflows", "node", "scripts/verify-workflow-coverage.ts"),
    check("openapi", "node", "scripts/openapi.ts", "--check"),
    check("postman", "node", "scripts/write-postman.ts", "--check"),
    check("package", "node", "scripts/package.ts", packages),
    check("guard:artifacts", "node", "scripts/verify-artifacts.ts", "--package", packages),
    check("guard:load", "node", "scripts/load-packages.ts", "--package", packages),
  ];
}

/** Places that the steps of a run share. */
export interface RunFiles {
  /** An empty folder for the packages that are checked. */
  packages: string;
  /** Where the end-to-end tests leave which permissions the functions have used. */
  usedPermissions: string;
}

/**
 * The steps of a test run.
 * @param only one suite alone; all checks and suites when left out
 * @param args for jest
 */
export function stepsOf(only: Suite | undefined, args: readonly string[], files: RunFiles): Step[] {
  if (only) return [suite(only, args)];
  // Some of the tests use but some of what the roles allow.
  const roles =
    args.length > 0 ? [] : [check("guard:roles", "node", "scripts/verify-roles.ts", "--used", files.usedPermissions)];
  return [...checks(files.packages), ...SUITES.map((name) => suite(name, args)), ...roles];
}
