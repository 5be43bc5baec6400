import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { UserError } from "./user-error.ts";

/** An API, and the key that opens it. */
export interface ApiAccess {
  url: string;
  key: string;
  /** The file that knows this API, with a signed-in user; undefined for an API from elsewhere. */
  endpointsFile: string | undefined;
}

export interface AccessOptions {
  api?: string | undefined;
  key?: string | undefined;
  /** The folder of a local system. */
  data: string;
}

const Endpoints = z.object({ apiUrl: z.string(), internalKey: z.string() });

async function readEndpoints(file: string): Promise<z.output<typeof Endpoints> | undefined> {
  try {
    return Endpoints.parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    return undefined;
  }
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, "");
}

function checkedUrl(url: string): string {
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new UserError(`${url} is no address of an API; it looks like https://api.example.com.`);
  }
  return withoutSlash(url);
}

/**
 * Finds the API: what was said on the command line, else ENCELADUS_API and ENCELADUS_KEY, else the local system that
 * keeps its data in a folder. The key of a local system is never sent to another address.
 * @throws UserError that says how to name or start one
 */
export async function locateApi(
  { api, key, data }: AccessOptions,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<ApiAccess> {
  const file = join(data, "endpoints.json");
  const local = await readEndpoints(file);
  const named = api || environment.ENCELADUS_API;
  const url = named ? checkedUrl(named) : local?.apiUrl;
  if (url === undefined) {
    throw new UserError(
      `No API is running that keeps its data in ${data} (there is no ${file}). ` +
        "Start one with `npm start`, or name another with --api and --key.",
    );
  }
  const isLocal = local !== undefined && withoutSlash(local.apiUrl) === url;
  const found = key || environment.ENCELADUS_KEY || (isLocal ? local.internalKey : undefined);
  if (!found) throw new UserError(`A key for ${url} is needed: give --key, or set ENCELADUS_KEY.`);
  return { url, key: found, endpointsFile: isLocal ? file : undefined };
}
