import { operation } from "@enceladus/middleware/operation";
import { reply, toJson } from "@enceladus/middleware/reply";
import * as z from "zod";
import { type Preparation, prepareDocuments, tooLargeTogether } from "../../domain/documents/index.ts";
import { prepareBody, preparedAnswer } from "./schemas.ts";

const BODY_LIMIT = 64 * 1024;

/** Lambda takes answers of 6 MB; the headers have their part of it. */
const MAX_ANSWER_BYTES = 6 * 1_024 * 1_024 - 8_192;

/** The bytes of an answer as Lambda counts them: it is JSON that stands, as a text, in JSON. */
function answerBytes(body: object): number {
  return Buffer.byteLength(JSON.stringify(toJson(body)));
}

/** Texts of quotes and line ends grow as they are written, so that a sum of sizes alone does not tell whether they fit. */
function refuseUnlessFitting(answer: object, { documents, max_docs }: Preparation): void {
  const totalBytes = answerBytes(answer);
  if (totalBytes > MAX_ANSWER_BYTES) {
    throw tooLargeTogether(documents, max_docs, { totalBytes, maxBytes: MAX_ANSWER_BYTES });
  }
}

const prepareOperation = operation({
  id: "prepareDocuments",
  method: "POST",
  path: "/api/v1/doc-prep/{projectName}",
  tag: "documents",
  summary: "Reads the primary documents of a project",
  description:
    "The reference document, and what `doc_prep_config` of the project adds, with their content or, in a dry run, as a " +
    "manifest. What cannot be had is left out and named in `warnings`; where it is required, the answer is a 500 that " +
    "names it (`failed`). More documents than `max_docs`, or more bytes than an answer takes, are a 400 with " +
    "`documents` (without content), `total_docs`, `max_docs` and a `recommendation`.",
  auth: "iam",
  readOnly: true,
  params: z.object({ projectName: z.string() }),
  body: prepareBody,
  bodyLimit: BODY_LIMIT,
  responses: { 200: { description: "The documents", schema: preparedAnswer } },
  handler: async ({ params, body }) => {
    const preparation = await prepareDocuments(params.projectName, { dryRun: body.dry_run });
    const answer = { success: true, ...preparation };
    refuseUnlessFitting(answer, preparation);
    return reply(200, answer);
  },
});

/** What document preparation serves. */
export const operations = [prepareOperation];
