import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type SignIn, signIn } from "../../bench/sign-in.ts";
import { rebaked } from "../deploy/edge-configuration.ts";
import { type Program, programOf } from "./fresh-process.ts";
import type { UnpackedFunction } from "./unpack.ts";

const KEY_SET = join(import.meta.dirname, "key-set.cjs");

/** A person of a throw-away user pool, with a token that is good and one whose claims are not those that were signed. */
export interface Person {
  good: string;
  tampered: string;
  environment: SignIn["environment"];
}

/** A new person, of a new user pool. */
export function newPerson(): Person {
  const { newToken, environment } = signIn();
  const good = newToken();
  const [header, , signature] = good.split(".");
  return { good, tampered: [header, newToken().split(".")[1], signature].join("."), environment };
}

/** The Cookie header with a token. */
export function cookieOf(token: string): string {
  return `enceladus_id_token=${token}`;
}

/** A packaged function as a program that belongs to a person's user pool. */
export function programFor(
  { environment }: Person,
  unpacked: UnpackedFunction,
  nodePath: string,
  more: Readonly<Record<string, string>> = {},
): Program {
  const { BENCH_KEY_SET = "", ...pool } = environment;
  const settings = { NODE_OPTIONS: `--require=${KEY_SET}`, BENCH_KEY_SET, ...more };
  if (!unpacked.isAtTheEdge) return programOf(unpacked, nodePath, { ...pool, ...settings });
  const program = programOf(unpacked, nodePath, settings);
  const configuration = {
    userPoolId: pool.COGNITO_USER_POOL_ID ?? "",
    clientId: pool.COGNITO_CLIENT_ID ?? "",
    cognitoDomain: "https://sign-in.example.com",
    appOrigin: "https://app.example.com",
  };
  // The package as it is, but for the constant that a deploy would have put in.
  const file = `${program.file}.configured.cjs`;
  writeFileSync(file, rebaked(readFileSync(program.file, "utf8"), configuration));
  return { ...program, file };
}
