import type { HttpRequest } from "@enceladus/middleware/http-event";
import type { CompactVerifyResult, JWK } from "jose";
import { gatewayEvent } from "../scripts/packages/gateway-event.ts";
import type { AuthenticationOrder, AuthenticationSamples } from "./authentication.ts";
import { fromLayer, loadHandler } from "./packaged-function.ts";

type Authenticate = (request: HttpRequest, accepted: readonly string[]) => Promise<{ mode: string }>;
type Verify = (token: string, key: JWK, options: { algorithms: string[] }) => Promise<CompactVerifyResult>;

loadHandler();
const { authenticate } = fromLayer<{ authenticate: Authenticate }>("@enceladus/middleware/authenticate");
const { normalizeEvent } = fromLayer<{ normalizeEvent: (event: object) => HttpRequest }>(
  "@enceladus/middleware/http-event",
);
const { compactVerify } = fromLayer<{ compactVerify: Verify }>("jose");
const { keys } = JSON.parse(process.env.BENCH_KEY_SET ?? "{}") as { keys: [JWK] };

let checks = 0;
const verify = crypto.subtle.verify.bind(crypto.subtle);
crypto.subtle.verify = (...input: Parameters<typeof verify>) => {
  checks += 1;
  return verify(...input);
};

function requestWith(token: string): HttpRequest {
  const headers = { cookie: `theme=dark; enceladus_session_at=1; enceladus_id_token=${token}` };
  return normalizeEvent(gatewayEvent({ method: "GET", path: "/api/v1/projects", headers }));
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

async function measure(tokens: readonly string[]): Promise<AuthenticationSamples> {
  const samples: AuthenticationSamples = { bare: [], unseen: [], again: [], checksOfOne: 0 };
  for (const [n, token] of tokens.entries()) {
    const request = requestWith(token);
    const sides = [
      async () => samples.bare.push(await timed(() => compactVerify(token, keys[0], { algorithms: ["RS256"] }))),
      async () => samples.unseen.push(await timed(() => authenticate(request, ["cookie"]))),
    ];
    // The other one first each time: what disturbs the machine disturbs both.
    for (const side of n % 2 === 0 ? sides : sides.toReversed()) await side();
  }
  const [one = ""] = tokens;
  const request = requestWith(one);
  const before = checks;
  for (const _ of tokens) samples.again.push(await timed(() => authenticate(request, ["cookie"])));
  return { ...samples, checksOfOne: checks - before };
}

process.once("message", async ({ tokens, warmUp }: AuthenticationOrder) => {
  await measure(tokens.slice(0, warmUp));
  process.send?.(await measure(tokens.slice(warmUp)), () => process.disconnect());
});
