import { DomainError, invalidInput } from "@enceladus/shared/errors";
import type { Preconditions } from "@enceladus/shared/preconditions";
import type { HttpRequest } from "./http-event.ts";

const MAX_CHARACTERS = 1_000;
const MAX_TAGS = 50;

/** The parts of a list of entity tags (RFC 9110, 8.8.3 and 5.6.1), each found from where the one before ends. */
const BETWEEN = /[ \t,]*/y;
const TAG = /(W\/)?"([\x21\x23-\x7e]*)"/y;
const AFTER_TAG = /[ \t]*(?:,|$)/y;

const FENCE = /^(?:0|[1-9]\d{0,15})$/;

const malformedIfMatch = () =>
  invalidInput(
    `If-Match must be a list of at most ${MAX_TAGS} entity tags in double quotes, such as "7", or *: send the ETag of the last read as it is.`,
  );

/** What an expression matches at a position. It looks nowhere else, so that a header is read in one go. */
function matchAt(expression: RegExp, text: string, position: number): RegExpExecArray | null {
  expression.lastIndex = position;
  return expression.exec(text);
}

/** The entity tags of `If-Match`, without quotes. It compares strongly, so that weak tags match nothing: they are left out. */
function entityTags(header: string): readonly string[] | "*" {
  if (header.length > MAX_CHARACTERS) throw malformedIfMatch();
  if (header.trim() === "*") return "*";
  const tags: { value: string; isWeak: boolean }[] = [];
  let position = matchAt(BETWEEN, header, 0)?.[0].length ?? 0;
  while (position < header.length) {
    const tag = matchAt(TAG, header, position);
    const end = position + (tag?.[0].length ?? 0);
    if (!tag || !matchAt(AFTER_TAG, header, end)) throw malformedIfMatch();
    tags.push({ value: tag[2] ?? "", isWeak: tag[1] !== undefined });
    position = end + (matchAt(BETWEEN, header, end)?.[0].length ?? 0);
  }
  if (tags.length === 0 || tags.length > MAX_TAGS) throw malformedIfMatch();
  return tags.filter(({ isWeak }) => !isWeak).map(({ value }) => value);
}

function checkedFence(fence: unknown): number {
  if (typeof fence === "number" && Number.isSafeInteger(fence) && fence >= 0) return fence;
  throw invalidInput("The fence (X-Lease-Fence, or fence in the body) must be the whole number that the lease has.");
}

function fenceIn(request: HttpRequest, body: Readonly<Record<string, unknown>>): number | undefined {
  const header = request.headers["x-lease-fence"]?.trim();
  const inHeader = header === undefined ? undefined : checkedFence(FENCE.test(header) ? Number(header) : header);
  const inBody = body.fence === undefined || body.fence === null ? undefined : checkedFence(body.fence);
  if (inHeader !== undefined && inBody !== undefined && inHeader !== inBody) {
    throw invalidInput("X-Lease-Fence and the body field fence differ.");
  }
  return inHeader ?? inBody;
}

/**
 * What a change depends on: the entity tags of `If-Match`, and the fence of the caller's lease, which is in the header
 * `X-Lease-Fence` or in the body field `fence`.
 * @param body as it was sent
 * @throws DomainError INVALID_INPUT for a header or a field that cannot be read, and for two fences that differ
 */
export function readPreconditions(request: HttpRequest, body: Readonly<Record<string, unknown>>): Preconditions {
  const { "if-match": ifMatch } = request.headers;
  const fence = fenceIn(request, body);
  return {
    ...(ifMatch !== undefined && { ifMatch: entityTags(ifMatch) }),
    ...(fence !== undefined && { fence }),
  };
}

/**
 * On a stage with strict concurrency, refuses a write of one existing thing that does not say which version of it was
 * read. `expected_version` in the body is the older way to say so.
 * @throws DomainError PRECONDITION_REQUIRED
 */
export function demandPrecondition({ ifMatch }: Preconditions, body: Readonly<Record<string, unknown>>): void {
  if (process.env.STRICT_CONCURRENCY !== "true") return;
  if (ifMatch !== undefined || Number.isInteger(body.expected_version)) return;
  throw new DomainError(
    "PRECONDITION_REQUIRED",
    "A write must say which version it was made for: If-Match is missing.",
    {
      next_action: "Read what you want to change, then send the write again with the ETag of that answer as If-Match.",
    },
  );
}

/** The headers that belong to what was asked, as they were sent. */
export function conditionHeaders({ headers }: HttpRequest): Record<string, string> {
  const names = ["if-match", "x-lease-fence"];
  return Object.fromEntries(names.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])));
}
