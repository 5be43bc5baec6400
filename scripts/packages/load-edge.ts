import { programOf, runFresh } from "./fresh-process.ts";
import { type LoadFinding, notLoaded } from "./load-finding.ts";
import { cookieOf, newPerson, programFor } from "./signed-in.ts";
import type { UnpackedFunction } from "./unpack.ts";
import { viewerEvent } from "./viewer-event.ts";

/** What CloudFront takes of a function before viewers' requests. */
const MAX_ZIP_BYTES = 1024 * 1024;

/** Either the request, to be forwarded, or a response. */
interface EdgeAnswer {
  uri?: string;
  status?: string;
  headers?: Readonly<Record<string, readonly { value: string }[] | undefined>>;
}

const PROTECTED = ["/enceladus/", "/mobile/v1/feed.json"];

function isClosed({ uri, status, headers }: EdgeAnswer): boolean {
  return uri === undefined && status === "503" && headers?.["cache-control"]?.[0]?.value === "no-store";
}

/** Until it is configured it lets nobody through, not even somebody with a token. */
async function checkUnconfigured(unpacked: UnpackedFunction): Promise<LoadFinding[]> {
  const headers = { cookie: cookieOf(newPerson().good) };
  const events = PROTECTED.flatMap((uri) => [viewerEvent({ uri }), viewerEvent({ uri, headers })]);
  const run = await runFresh(programOf(unpacked, ""), events);
  if (run.exitCode !== 0) return [notLoaded(unpacked.key, run)];
  const open = run.answers.filter((answer) => !isClosed(answer));
  return open.map((answer) => ({ code: "OPEN_EDGE", path: unpacked.key, detail: JSON.stringify(answer) }));
}

/** Configured, it tells a good token from one that was tampered with. */
async function checkConfigured(unpacked: UnpackedFunction): Promise<LoadFinding[]> {
  const person = newPerson();
  const asking = (token: string) => viewerEvent({ uri: "/enceladus/", headers: { cookie: cookieOf(token) } });
  const program = programFor(person, unpacked, "");
  const run = await runFresh(program, [asking(person.good), asking(person.tampered)]);
  if (run.exitCode !== 0) return [notLoaded(unpacked.key, run)];
  const [good, tampered]: EdgeAnswer[] = run.answers;
  if (good?.uri !== undefined && good.status === undefined && tampered?.uri === undefined) return [];
  return [{ code: "NOT_VERIFIED", path: unpacked.key, detail: JSON.stringify({ good, tampered }) }];
}

/** What the package of a function at the edge has to do before it may be deployed. */
export async function loadEdge(unpacked: UnpackedFunction): Promise<LoadFinding[]> {
  const findings = await checkUnconfigured(unpacked);
  // What does not load, or is open without a configuration, has nothing more to show.
  if (findings.length === 0) findings.push(...(await checkConfigured(unpacked)));
  if (unpacked.zipBytes > MAX_ZIP_BYTES) {
    findings.push({ code: "TOO_LARGE", path: unpacked.key, detail: `${unpacked.zipBytes} bytes zipped` });
  }
  return findings;
}
