import { fitsAnswer } from "@enceladus/middleware/compress";
import { isKnownToCaller, replyUnlessKnown, versionTag } from "@enceladus/middleware/entity-tag";
import type { HttpRequest } from "@enceladus/middleware/http-event";
import { withFields } from "@enceladus/middleware/list-fields";
import { operation } from "@enceladus/middleware/operation";
import { pageLimit } from "@enceladus/middleware/page-limit";
import { reply } from "@enceladus/middleware/reply";
import { projectsVisibleTo } from "@enceladus/shared/auth-context";
import { invalidInput } from "@enceladus/shared/errors";
import * as z from "zod";
import {
  getDocument,
  keepInStep,
  LIMITS,
  listDocuments,
  listHistory,
  type PublicDocument,
  type ReadDocument,
  searchDocuments,
  searchFullText,
} from "../../domain/documents/index.ts";
import { documentAnswer, documentPage, documentParams, historyAnswer, listAnswer, searchAnswer } from "./schemas.ts";

const READ = {
  tag: "documents",
  auth: ["cookie", "internal-key", "agent-key"],
  scope: "documents:read",
  method: "GET",
  // A document is found by its id alone, and a project without documents is an empty list.
  project: "in-handler",
} as const;

/** The answer about one document, in both of its forms; content that does not get through is left out, and told. */
function answerOf({ document, content, contentError }: ReadDocument, request: HttpRequest): object {
  const twice = (more: object) => ({ ...document, ...more, success: true, document: { ...document, ...more } });
  if (contentError) return twice({ content_error: contentError });
  if (content === undefined) return twice({});
  if (fitsAnswer(content, 2, request)) return twice({ content });
  if (!fitsAnswer(content, 1, request)) return twice({ content_error: "RESPONSE_TOO_LARGE" });
  return { ...document, success: true, document: { ...document, content } };
}

export const getDocumentOperation = operation({
  ...READ,
  id: "getDocument",
  path: "/api/v1/documents/{documentId}",
  summary: "Reads a document",
  description:
    "`ETag` is its version; with `If-None-Match` one that is still of that version is 304. Large answers are " +
    "compressed with gzip where the client accepts it.",
  params: documentParams,
  query: z.object({
    include_content: z.string().max(100).optional().meta({ description: "Default true; anything else leaves it out" }),
  }),
  responses: {
    200: { description: "The document", schema: documentAnswer },
    304: { description: "The caller has it as it is", schema: z.undefined() },
  },
  handler: async ({ params, query, caller, request }) => {
    const wanted = (query.include_content ?? "true").toLowerCase() === "true";
    const tagOf = ({ version }: PublicDocument) => versionTag(version);
    const found = await getDocument(params.documentId, {
      withContent: (document) => wanted && !isKnownToCaller(request, tagOf(document)),
      visible: projectsVisibleTo(caller),
    });
    return replyUnlessKnown(request, tagOf(found.document), answerOf(found, request));
  },
});

function listed(documents: readonly PublicDocument[], fields: readonly string[] | undefined) {
  return documents.map((document) => withFields(document, fields, ["document_id"]));
}

const text = (most: number) => z.string().trim().max(most).optional();

export const listDocumentsOperation = operation({
  ...READ,
  id: "listDocuments",
  path: "/api/v1/documents",
  summary: "Lists the documents of a project",
  description: "Newest change first, archived ones too, without their content; at most 50 a page.",
  query: z.object({ project: text(255), ...documentPage }),
  responses: { 200: { description: "A page of documents", schema: listAnswer } },
  handler: async ({ query, caller }) => {
    const { project, limit, cursor, fields } = query;
    if (!project)
      throw invalidInput("project: is required.", { fields: [{ field: "project", message: "is required." }] });
    const { items, nextCursor } = await listDocuments(project, { limit, cursor }, projectsVisibleTo(caller));
    return reply(200, {
      success: true,
      documents: listed(items, fields),
      count: items.length,
      ...(nextCursor !== null && { next_cursor: nextCursor }),
    });
  },
});

const searchQuery = z.object({
  text: text(2_000).meta({
    description:
      "Words that title or body have, all of them, in any form of theirs; needs project, goes with status only",
  }),
  project: text(255),
  keyword: text(LIMITS.entry).meta({ description: "One of the keywords, whole, in any case" }),
  related: text(LIMITS.entry).meta({ description: "One of the related items, to the letter" }),
  title: text(LIMITS.title).meta({ description: "A part of the title, in any case" }),
  status: z.string().max(64).optional().meta({ description: "Default active; present but empty: any" }),
  ...documentPage,
});

/** @throws DomainError INVALID_INPUT */
function textSearchOf({ text, project, keyword, related, title }: z.output<typeof searchQuery>) {
  if (!text) return undefined;
  if (!project)
    throw invalidInput("project: is required with text.", {
      fields: [{ field: "project", message: "is required with text." }],
    });
  if (keyword || related || title)
    throw invalidInput("text goes with project and status only, not with keyword, related or title.");
  return { projectId: project, text };
}

export const searchDocumentsOperation = operation({
  ...READ,
  id: "searchDocuments",
  path: "/api/v1/documents/search",
  summary: "Finds documents",
  description:
    "All that is given has to hold; nothing given finds all active documents. Newest change first, also across projects; " +
    "with text the best match first, each with its `score` and where it has the words. With a project and the keyword of " +
    "reference documents or of governance files, documents are first brought in step with the files that they follow, " +
    "every few seconds; `warnings` says when that failed.",
  query: searchQuery,
  responses: { 200: { description: "A page of what was found", schema: searchAnswer } },
  handler: async ({ query, caller }) => {
    const { limit, cursor, fields } = query;
    const status = (query.status ?? "active").toLowerCase() || undefined;
    const search = {
      projectId: query.project || undefined,
      keyword: query.keyword?.toLowerCase() || undefined,
      related: query.related || undefined,
      title: query.title || undefined,
      status,
    };
    const page = { limit, cursor };
    const visible = projectsVisibleTo(caller);
    const textSearch = textSearchOf(query);
    // What follows a first page is to be the rest of it.
    const isInStep = cursor !== undefined || textSearch !== undefined || (await keepInStep(search, visible));
    const found = await (textSearch
      ? searchFullText({ ...textSearch, status }, page, visible)
      : searchDocuments(search, page, visible));
    return reply(200, {
      success: true,
      documents: listed(found.documents, fields),
      count: found.documents.length,
      total_matches: found.totalMatches,
      ...(found.totalIsLowerBound && { total_matches_is_lower_bound: true }),
      ...(found.truncated && { truncated: true }),
      ...(found.nextCursor !== undefined && { next_cursor: found.nextCursor }),
      ...(!isInStep && { warnings: ["reference sync failed"] }),
    });
  },
});

export const documentHistoryOperation = operation({
  ...READ,
  id: "getDocumentHistory",
  path: "/api/v1/documents/{documentId}/history",
  summary: "Lists every change of a document",
  description:
    "Newest first, each as it was chained. Of the content the hash and the size are told. Without a limit a page has " +
    "100 entries.",
  params: documentParams,
  query: z.object({ limit: pageLimit(100), cursor: documentPage.cursor }),
  responses: { 200: { description: "The entries", schema: historyAnswer } },
  handler: async ({ params, query, caller }) => {
    const page = { limit: query.limit, cursor: query.cursor };
    const { items, nextCursor } = await listHistory(params.documentId, page, projectsVisibleTo(caller));
    return reply(200, {
      success: true,
      document_id: params.documentId,
      entries: items,
      ...(nextCursor !== null && { next_cursor: nextCursor }),
    });
  },
});
