import type { Config } from "jest";

// Counts are lines on the standard output; the tests that look at them switch them on.
process.env.POWERTOOLS_METRICS_DISABLED = "true";

const common: Config = {
  testEnvironment: "node",
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "\\.ts$": [
      "@swc/jest",
      {
        jsc: {
          parser: { syntax: "typescript" },
          target: "es2024",
          experimental: { keepImportAttributes: true },
        },
        module: { type: "es6" },
      },
    ],
  },
  modulePathIgnorePatterns: ["<rootDir>/\\.(build|esbuild|serverless|local)"],
};

/**
 * `unit` has no I/O; `integration` uses the real local services; `e2e` one real `sls offline` for all
 * of its files; `starts` is about such systems themselves and begins its own.
 */
const config: Config = {
  // A busy machine is no failure; what must be fast is measured by the benches. Jest takes this at the top level only.
  testTimeout: 30_000,
  projects: [
    { ...common, displayName: "unit", testMatch: ["<rootDir>/test/unit/**/*.test.ts"] },
    {
      ...common,
      displayName: "integration",
      testMatch: ["<rootDir>/test/integration/**/*.test.ts"],
      globalSetup: "<rootDir>/test/support/start-services.ts",
      globalTeardown: "<rootDir>/test/support/stop-services.ts",
    },
    {
      ...common,
      displayName: "e2e",
      testMatch: ["<rootDir>/test/e2e/{stories,browser}/**/*.test.ts"],
      globalSetup: "<rootDir>/test/support/start-system.ts",
      globalTeardown: "<rootDir>/test/support/stop-system.ts",
    },
    { ...common, displayName: "starts", testMatch: ["<rootDir>/test/e2e/local/**/*.test.ts"] },
  ],
};

export default config;
