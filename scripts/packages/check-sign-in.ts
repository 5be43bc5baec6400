import { cpSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Run, runFresh } from "./fresh-process.ts";
import { type EventParts, gatewayEvent } from "./gateway-event.ts";
import { type LoadFinding, notLoaded } from "./load-finding.ts";
import { cookieOf, newPerson, type Person, programFor } from "./signed-in.ts";
import type { UnpackedFunction } from "./unpack.ts";

/** The layer as functions find it. */
export interface Opt {
  nodePath: string;
  /** The same, but for the library that checks tokens: that one throws when it is loaded. */
  brokenNodePath: string;
}

interface Answer {
  statusCode?: number;
  body?: string;
}

/** Tells by its answer who was known: only those hear that there is nothing, with a 404. */
const NOWHERE = "/api/v1/no-such-path";

/** Every place where a gateway leaves a cookie. */
const PLACES: Readonly<Record<string, (cookie: string) => Partial<EventParts>>> = {
  "headers.cookie": (cookie) => ({ headers: { cookie } }),
  "headers.Cookie": (cookie) => ({ headers: { Cookie: cookie } }),
  cookies: (cookie) => ({ cookies: [cookie] }),
};

/**
 * Lays a layer out in which the library that checks tokens is broken, as one would be that was built for another
 * system.
 * @param opt the folder of the sound one
 * @param directory where the broken one goes
 */
export function layBrokenLayer(opt: string, directory: string): string {
  cpSync(opt, directory, { recursive: true });
  const library = join(directory, "nodejs/node_modules/jose/index.js");
  if (existsSync(library)) writeFileSync(library, 'throw new Error("this library is for another system");\n');
  return join(directory, "nodejs/node_modules");
}

/** The call of somebody with a token, to where there is nothing. */
export function visit(token: string, place = PLACES.cookies) {
  return gatewayEvent({ method: "GET", path: NOWHERE, ...place?.(cookieOf(token)) });
}

function statusesOf({ answers }: Run): unknown[] {
  return (answers as Answer[]).map(({ statusCode }) => statusCode);
}

/** A good token is found in every place; one that was tampered with is as good as none. */
async function checkTokens(person: Person, unpacked: UnpackedFunction, nodePath: string): Promise<LoadFinding[]> {
  const places = Object.values(PLACES);
  const visits = [person.good, person.tampered].flatMap((token) => places.map((place) => visit(token, place)));
  const run = await runFresh(programFor(person, unpacked, nodePath), visits);
  if (run.exitCode !== 0) return [notLoaded(unpacked.key, run)];
  const names = Object.keys(PLACES);
  const wrong = statusesOf(run).flatMap((status, index) => {
    const isGood = index < names.length;
    if (status === (isGood ? 404 : 401)) return [];
    return [`${isGood ? "a good" : "a tampered"} token in ${names[index % names.length]}: ${status}`];
  });
  return wrong.length === 0 ? [] : [{ code: "NOT_VERIFIED", path: unpacked.key, detail: wrong.join("; ") }];
}

/** Where it is the deployment that is at fault, nobody is told that it were their credential. */
export function isConfigurationError({ statusCode, body = "{}" }: Answer): boolean {
  const { error_envelope } = JSON.parse(body) as { error_envelope?: { code?: unknown } };
  return statusCode === 500 && error_envelope?.code === "CONFIGURATION_ERROR";
}

/** The layer is one for all functions: what becomes of a token where its library is broken, one of them shows. */
async function checkBrokenLibrary(
  person: Person,
  unpacked: UnpackedFunction,
  nodePath: string,
): Promise<LoadFinding[]> {
  const run = await runFresh(programFor(person, unpacked, nodePath), [visit(person.good)]);
  if (run.exitCode !== 0) return [notLoaded(unpacked.key, run)];
  const [answer = {}] = run.answers as Answer[];
  if (isConfigurationError(answer)) return [];
  const detail = `where the library for tokens is broken: ${JSON.stringify(answer)}`;
  return [{ code: "WRONG_FAILURE", path: unpacked.key, detail }];
}

/**
 * Whether a packaged function tells tokens apart with what it gets from the layer, and says so when it cannot: 500
 * CONFIGURATION_ERROR and never 401, which would log everybody out.
 */
export async function checkSignIn(unpacked: UnpackedFunction, opt: Opt): Promise<LoadFinding[]> {
  const person = newPerson();
  const findings = await checkTokens(person, unpacked, opt.nodePath);
  const takesAllPaths = unpacked.events.some(({ httpApi }) => httpApi === "*");
  return takesAllPaths ? [...findings, ...(await checkBrokenLibrary(person, unpacked, opt.brokenNodePath))] : findings;
}
