import type { Readable } from "node:stream";

/** An answer of the distribution before it is sent. */
export interface CdnAnswer {
  status: number;
  statusDescription?: string | undefined;
  /** Names in lower case, one entry for each line. */
  headers: readonly (readonly [name: string, value: string])[];
  body: Buffer | Readable;
  /** Who made it, in CloudFront's words (`x-cache`). */
  source: `${"Miss" | "LambdaGeneratedResponse" | "Redirect" | "Error"} from cloudfront`;
}

const MESSAGES: Readonly<Record<number, string>> = {
  403: "This is not allowed here.",
  404: "There is no such page.",
  413: "The request is too long.",
  502: "The function at the edge gave no valid answer.",
  503: "The function at the edge failed.",
  504: "The bucket does not answer.",
};

/** An error of the distribution itself, or of the bucket behind it, which no cache may keep. */
export function cdnError(status: number): CdnAnswer {
  const headers = [
    ["content-type", "text/plain; charset=utf-8"],
    ["cache-control", "no-store"],
  ] as const;
  return { status, headers, body: Buffer.from(MESSAGES[status] ?? "Error"), source: "Error from cloudfront" };
}
