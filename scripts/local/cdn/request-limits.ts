import type { ViewerRequest } from "./viewer-request.ts";

const MOST_URL_BYTES = 8_192;
/** Of the request line and all headers, without the body. */
const MOST_REQUEST_BYTES = 20_480;
/** Between the parts of a line, and at its end. */
const SEPARATOR_BYTES = 4;

/** Whether CloudFront hands a request on, or answers 413 itself. */
export function isTooLong({ method = "", url = "", rawHeaders }: ViewerRequest): boolean {
  if (url.length > MOST_URL_BYTES) return true;
  const lines = rawHeaders.length / 2 + 1;
  const characters = rawHeaders.reduce((sum, part) => sum + part.length, method.length + url.length);
  return characters + lines * SEPARATOR_BYTES > MOST_REQUEST_BYTES;
}
