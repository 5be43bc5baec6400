import type { buildApp } from "fauxqs";
import type { FauxqsStores } from "./fauxqs-stores.ts";

type S3Store = FauxqsStores["s3Store"];

interface Refusal {
  status: number;
  code: string;
  message: string;
}

const PRECONDITION_FAILED: Refusal = {
  status: 412,
  code: "PreconditionFailed",
  message: "At least one of the pre-conditions you specified did not hold",
};
const NO_SUCH_KEY: Refusal = { status: 404, code: "NoSuchKey", message: "The specified key does not exist." };

/** The tag of an object; undefined where there is none. */
export function currentETag(store: S3Store, bucket: string, key: string): string | undefined {
  try {
    return store.headObject(bucket, key).etag;
  } catch {
    return undefined;
  }
}

const unquoted = (etag: string) => etag.replace(/^W\//, "").replaceAll('"', "");

/** Why S3 would refuse to write this object; undefined when it would not. */
function refusalOf(
  store: S3Store,
  bucket: string,
  key: string,
  ifNoneMatch?: string,
  ifMatch?: string,
): Refusal | undefined {
  const etag = currentETag(store, bucket, key);
  if (ifNoneMatch === "*" && etag !== undefined) return PRECONDITION_FAILED;
  if (ifMatch === undefined) return undefined;
  if (etag === undefined) return NO_SUCH_KEY;
  return ifMatch === "*" || unquoted(ifMatch) === unquoted(etag) ? undefined : PRECONDITION_FAILED;
}

/**
 * Conditional writes (`If-None-Match: *`, `If-Match`) of S3, which fauxqs ignores. The check runs right before the
 * synchronous handler that writes, so that nothing can come between the two.
 */
export function enforceWriteConditions(app: ReturnType<typeof buildApp>, store: S3Store): void {
  app.addHook("preHandler", (request, reply, done) => {
    const { "if-none-match": ifNoneMatch, "if-match": ifMatch } = request.headers;
    const { bucket, "*": key } = (request.params ?? {}) as { bucket?: string; "*"?: string };
    if (request.method !== "PUT" || !bucket || !key || (ifNoneMatch === undefined && ifMatch === undefined))
      return done();
    const refusal = refusalOf(store, bucket, key, ifNoneMatch, ifMatch);
    if (!refusal) return done();
    const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${refusal.code}</Code><Message>${refusal.message}</Message></Error>`;
    reply.status(refusal.status).header("content-type", "application/xml").send(xml);
  });
}
