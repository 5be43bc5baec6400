import { operation } from "@enceladus/middleware/operation";
import { reply } from "@enceladus/middleware/reply";
import { projectsVisibleTo } from "@enceladus/shared/auth-context";
import { searchReference } from "../../domain/documents/index.ts";
import { noReferenceAnswer, searchAnswer, searchQuery } from "./schemas.ts";

const searchReferenceOperation = operation({
  id: "searchReference",
  method: "GET",
  path: "/api/v1/reference/search",
  tag: "documents",
  summary: "Searches the reference document of a project",
  description:
    "Line by line: the lines that match, each with its section and the lines around it. Regular expressions are those " +
    "of RE2 (no look-around, no references back). Fenced lines are searched, but are no headings. A pattern that takes " +
    "too long on a large document is a 400.",
  auth: ["cookie", "agent-key"],
  scope: "reference:read",
  project: "in-handler",
  query: searchQuery,
  responses: {
    200: { description: "The lines that match", schema: searchAnswer },
    404: { description: "There is no such project, or it has no reference document", schema: noReferenceAnswer },
  },
  handler: async ({ query, caller }) => {
    const search = {
      projectId: query.project,
      query: query.query,
      isRegex: query.regex,
      isCaseSensitive: query.case_sensitive,
      contextLines: query.context_lines,
      maxResults: query.max_results,
      section: query.section || undefined,
    };
    const { snippets, truncated, reference } = await searchReference(search, projectsVisibleTo(caller));
    return reply(200, {
      success: true,
      project_id: query.project,
      query: query.query,
      search_mode: query.regex ? "regex" : "text",
      match_count: snippets.length,
      truncated,
      snippets,
      document_info: {
        total_lines: reference.totalLines,
        last_modified: reference.lastModified,
        s3_key: reference.key,
      },
    });
  },
});

/** What the search of reference documents serves. */
export const operations = [searchReferenceOperation];
