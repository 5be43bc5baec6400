import type { Verdict } from "../deploy/check.ts";

const TIMEOUT_MS = 30_000;
const UNAUTHORIZED = 401;
const NO_CONTENT = 204;

export interface Request {
  method: string;
  path: string;
}

async function statusOf(url: string, method: string, headers: Record<string, string>): Promise<number | string> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(url, { method, headers, redirect: "manual", signal });
    await response.body?.cancel();
    return response.status;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Asks a function that is live what changes nothing. That a token of nonsense is refused like none shows that what verifies
 * tokens can be loaded: a function that cannot would answer 500.
 */
export async function smoke(name: string, apiUrl: string, { method, path }: Request): Promise<Verdict[]> {
  const url = new URL(path, apiUrl).href;
  const cases = [
    ["without a credential", method, {}, UNAUTHORIZED],
    ["with a cookie of nonsense", method, { cookie: "enceladus_id_token=a.b.c" }, UNAUTHORIZED],
    ["as a preflight", "OPTIONS", {}, NO_CONTENT],
  ] as const;
  const verdicts: Verdict[] = [];
  for (const [how, verb, headers, expected] of cases) {
    const status = await statusOf(url, verb, headers);
    const problem = `${verb} ${url} should answer ${expected}, and answers ${status}.`;
    verdicts.push({ what: `${name}: called ${how}`, problem: status === expected ? undefined : problem });
  }
  return verdicts;
}
