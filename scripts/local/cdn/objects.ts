import type { IncomingHttpHeaders } from "node:http";
import { Pool } from "undici";
import { type CdnAnswer, cdnError } from "./answer.ts";
import { isUnchanged } from "./conditional-request.ts";

/** What the distribution passes on of an object; metadata of its maker's own are nobody's business. */
const PASSED_ON = [
  "content-type",
  "content-length",
  "content-encoding",
  "content-language",
  "content-disposition",
  "content-range",
  "cache-control",
  "expires",
  "etag",
  "last-modified",
];
/** What a 304 repeats of it (RFC 9110, 15.4.5). */
const PASSED_ON_UNCHANGED = ["cache-control", "expires", "etag", "last-modified"];

/** The bucket behind the distribution. */
export interface ObjectOrigin {
  /**
   * @param uri the path as the function left it
   * @param headers of the viewer
   */
  answer(method: string, uri: string, headers: IncomingHttpHeaders): Promise<CdnAnswer>;
  stop(): Promise<void>;
}

/** The key of an object by its path; undefined where the path cannot be decoded. */
export function keyOf(uri: string): string | undefined {
  try {
    return decodeURIComponent(uri).replace(/^\//, "");
  } catch {
    return undefined;
  }
}

const text = (header: string | string[] | undefined) => (Array.isArray(header) ? header[0] : header);

function linesOf(headers: IncomingHttpHeaders, names: readonly string[]): [string, string][] {
  return names.flatMap((name): [string, string][] => {
    const value = text(headers[name]);
    return value === undefined ? [] : [[name, value]];
  });
}

/**
 * Serves the objects of a bucket. It goes round the wire: what a browser reads is no call of a function.
 * @param s3Url origin of S3
 */
export function createObjectOrigin(s3Url: string, bucket: string): ObjectOrigin {
  const pool = new Pool(s3Url);

  async function read(method: "GET" | "HEAD", key: string, headers: IncomingHttpHeaders): Promise<CdnAnswer> {
    const { range, "if-none-match": ifNoneMatch, "if-modified-since": ifModifiedSince } = headers;
    const path = `/${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`;
    const object = await pool.request({ method, path, headers: range === undefined ? {} : { range } });
    const lines = (names: readonly string[]) => linesOf(object.headers, names);
    const source = "Miss from cloudfront";
    if (object.statusCode >= 400) {
      await object.body.dump();
      return object.statusCode === 416 ? { ...cdnError(416), headers: lines(["content-range"]) } : cdnError(404);
    }
    const [etag, lastModified] = [text(object.headers.etag), text(object.headers["last-modified"])];
    if (isUnchanged({ ifNoneMatch, ifModifiedSince }, { etag, lastModified })) {
      await object.body.dump();
      return { status: 304, headers: lines(PASSED_ON_UNCHANGED), body: Buffer.alloc(0), source };
    }
    const headerLines = [...lines(PASSED_ON), ["accept-ranges", "bytes"] as const];
    return { status: object.statusCode, headers: headerLines, body: object.body, source };
  }

  return {
    answer: async (method, uri, headers) => {
      // A bucket without a CORS configuration refuses every OPTIONS.
      if (method !== "GET" && method !== "HEAD") return cdnError(403);
      const key = keyOf(uri);
      if (!key) return cdnError(404);
      return read(method, key, headers).catch(() => cdnError(504));
    },
    stop: () => pool.destroy(),
  };
}
