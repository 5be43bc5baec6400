import type { FunctionConfiguration } from "@aws-sdk/client-lambda";
import type { Verdict } from "../deploy/check.ts";

/** What a function that was deployed has to be. */
export interface ExpectedFunction {
  runtime: string;
  architecture: string;
  handler: string;
  /** Undefined where the stack does not say. */
  layers: readonly string[] | undefined;
  /** Of the zip file that was sent, in Base64. */
  codeSha256: string;
}

function is(what: string, expected: unknown, live: unknown): Verdict {
  const same = JSON.stringify(expected) === JSON.stringify(live);
  const problem = `It should be ${JSON.stringify(expected)}, and is ${JSON.stringify(live ?? null)}.`;
  return { what, problem: same ? undefined : problem };
}

/** Whether what Lambda says of a function is what was deployed. */
export function functionVerdicts(name: string, expected: ExpectedFunction, live: FunctionConfiguration): Verdict[] {
  const { runtime, architecture, handler, layers, codeSha256 } = expected;
  const liveLayers = (live.Layers ?? []).map(({ Arn }) => Arn);
  return [
    is(`${name}: its state`, "Active", live.State),
    is(`${name}: its last update`, "Successful", live.LastUpdateStatus),
    is(`${name}: runtime`, runtime, live.Runtime),
    is(`${name}: architecture`, architecture, live.Architectures?.[0] ?? "x86_64"),
    is(`${name}: handler`, handler, live.Handler),
    layers
      ? is(`${name}: layers`, layers, liveLayers)
      : { what: `${name}: layers`, problem: "The stack does not say which version of the layer it has." },
    is(`${name}: the code that was sent`, codeSha256, live.CodeSha256),
  ];
}
