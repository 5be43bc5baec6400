import type { ManifestEntry } from "../workflow-guard/manifest.ts";
import type { DeployMode } from "../workflow-guard/workflows.ts";
import { byHandText, deployJobText, triggersText } from "./function-workflow.ts";

/**
 * The deploy workflow of the coordination API and its MCP server, which are one package and ship together. What is live
 * afterwards has to have its routes, and to say what it can do.
 * @param sources undefined while the function is not declared: nothing but a person starts it then
 */
export function apiMcpWorkflowText(
  entry: ManifestEntry,
  sources: readonly string[] | undefined,
  mode?: DeployMode,
): string {
  return `# The coordination API and the MCP server in it: one package, deployed together.
name: Deploy ${entry.function_name} and its MCP server

${sources === undefined ? byHandText() : triggersText(entry, sources, ["middleware/**"])}
permissions:
  contents: read
  id-token: write

concurrency:
  group: api-mcp-backend-deploy-main
  cancel-in-progress: false

env:
  DEPLOY_FUNCTION_NAME: ${entry.function_name}

jobs:
${deployJobText(entry, mode)}
  verify:
    needs: deploy
    runs-on: ubuntu-latest
    timeout-minutes: 45
    steps:
      - uses: aws-actions/configure-aws-credentials@ececac1a45f3b08a01d2dd070d28d111c5fe6722 # v4.1.0
        with:
          role-to-assume: \${{ secrets.AWS_DEPLOY_ROLE_ARN }}
          aws-region: us-east-1
      - name: Find the API
        id: api
        run: |
          set -euo pipefail
          aws apigatewayv2 get-apis --output json | jq -e '.Items[] | select(.Name == "enceladus")' > api.json
          jq -r '"id=" + .ApiId, "endpoint=" + .ApiEndpoint' api.json >> "$GITHUB_OUTPUT"
      - name: Its routes are there, and lead to this function
        env:
          API_ID: \${{ steps.api.outputs.id }}
        run: |
          set -euo pipefail
          aws apigatewayv2 get-integrations --api-id "$API_ID" --output json > integrations.json
          aws apigatewayv2 get-routes --api-id "$API_ID" --output json > routes.json
          jq -e --slurpfile found integrations.json '
            [$found[0].Items[] | select(.IntegrationUri | endswith(":function:" + env.DEPLOY_FUNCTION_NAME))
              | "integrations/" + .IntegrationId] as $ours
            | any(.Items[]; (.RouteKey | test(" /api/v1/coordination/")) and (.Target | IN($ours[])))' routes.json
      - name: It says what it can do
        env:
          ENDPOINT: \${{ steps.api.outputs.endpoint }}
        run: |
          set -euo pipefail
          curl --fail --silent --show-error --max-time 20 --retry 5 --retry-all-errors \\
            "$ENDPOINT/api/v1/coordination/capabilities" | jq -e '.success == true'
`;
}
