/**
 * The import rule of the house (docs/architecture.md): an import goes down or stays in its own folder, never up, and
 * never from one function into another; another folder of domain/ is used through its index.ts only.
 */
const layer = require("./layers/shared/package.json");
const runtime = Object.keys(layer.dependencies).join("|");

module.exports = {
  forbidden: [
    {
      name: "shared-stands-alone",
      comment: "layers/shared imports nothing of the floors above it",
      severity: "error",
      from: { path: "^layers/" },
      to: { path: "^(functions|middleware|domain|scripts|resources|test|bench)/" },
    },
    {
      name: "middleware-goes-down",
      comment: "middleware knows how calls are received, not what the business is",
      severity: "error",
      from: { path: "^middleware/" },
      to: { path: "^(functions|domain|scripts|test|bench)/" },
    },
    {
      name: "domain-goes-down",
      comment: "domain knows no HTTP and no Lambda events",
      severity: "error",
      from: { path: "^domain/" },
      to: { path: "^(functions|middleware|scripts|test|bench)/" },
    },
    {
      name: "domain-through-index",
      comment: "a folder of domain/ is used by others through its index.ts",
      severity: "error",
      from: { path: "^(domain)/([^/]+)/" },
      to: { path: "^domain/[^/]+/", pathNot: "^domain/($2/|[^/]+/index\\.ts$)" },
    },
    {
      name: "functions-use-index",
      comment: "a function uses a folder of domain/ through its index.ts",
      severity: "error",
      from: { path: "^functions/" },
      to: { path: "^domain/[^/]+/", pathNot: "^domain/[^/]+/index\\.ts$" },
    },
    {
      name: "no-function-imports-another",
      severity: "error",
      from: { path: "^functions/([^/]+)/" },
      to: { path: "^functions/", pathNot: "^functions/$1/" },
    },
    {
      name: "production-code-stays-out-of-scripts",
      severity: "error",
      from: { path: "^functions/" },
      to: { path: "^(scripts|test|bench)/" },
    },
    {
      name: "only-the-layer-s-dependencies",
      comment: "a function may use what layers/shared/package.json declares, nothing else of node_modules",
      severity: "error",
      from: { path: "^(functions|middleware|domain|layers)/" },
      to: { path: "node_modules/", pathNot: `node_modules/(${runtime}|@types/aws-lambda)/` },
    },
    {
      name: "no-circular",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "resolvable",
      comment: "aws-lambda is the name of a package of types only, @types/aws-lambda",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "^aws-lambda$" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    parser: "swc",
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      extensions: [".ts", ".js", ".cjs", ".mjs", ".json"],
    },
  },
};
