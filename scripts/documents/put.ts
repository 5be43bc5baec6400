import pLimit from "p-limit";
import { type ApiClient, ApiError } from "../api/client.ts";
import { readDocument } from "./known-documents.ts";
import { type MarkdownFile, readMarkdownFile, UnfitFile } from "./markdown-files.ts";
import { byFileName, type Draft, type KnownDocument, nextStep } from "./plan.ts";

/** What became of a file. */
export interface Outcome {
  path: string;
  result: "created" | "updated" | "unchanged" | "failed";
  /** Why it failed. */
  reason?: string;
  /** Its document is archived, and stays so. */
  isArchived?: boolean;
}

export interface Target {
  client: ApiClient;
  project: string;
  /** Only say what would be done. */
  dryRun: boolean;
}

/** Well below what the API answers at once. */
const AT_ONCE = 4;
/** Somebody who changes a document as often as this is left to it. */
const DECISIONS = 5;

function isOvertaken(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 409 || error.status === 412);
}

/** Makes the document of a file what the file is. Whoever changes it at the same time is read, and it is decided anew. */
async function putDraft(
  { client, project, dryRun }: Target,
  draft: Draft,
  listed: KnownDocument | undefined,
): Promise<Omit<Outcome, "path">> {
  let known = listed;
  for (let decision = 1; ; decision++) {
    const step = nextStep(project, draft, known);
    const isArchived = known?.status === "archived";
    if (step.do === "nothing") return { result: "unchanged", isArchived };
    const result = step.do === "create" ? "created" : "updated";
    if (dryRun) return { result, isArchived };
    const { body, idempotencyKey } = step;
    if (step.do === "create") {
      await client.call({ method: "PUT", path: "/api/v1/documents", body, idempotencyKey });
      return { result };
    }
    const path = `/api/v1/documents/${encodeURIComponent(step.document_id)}`;
    try {
      await client.call({ method: "PATCH", path, body, idempotencyKey, ifVersion: step.version });
      return { result, isArchived };
    } catch (error) {
      if (!isOvertaken(error) || decision === DECISIONS) throw error;
      const now = await readDocument(client, step.document_id);
      known = now.file_name === draft.name ? now : undefined;
    }
  }
}

function reasonFor(error: unknown): string {
  if (error instanceof UnfitFile) return error.message;
  // A key that is not accepted will not be for the next file either.
  if (error instanceof ApiError && error.status !== 401) return `${error.words} (${error.status})`;
  throw error;
}

/** For each name the path that has it: of two that lead to one name, only the first can be there. */
function ownersOf(files: readonly MarkdownFile[]): Map<string, string> {
  const owners = new Map<string, string>();
  for (const { name, path } of files) if (!owners.has(name)) owners.set(name, path);
  return owners;
}

/**
 * Puts files into a project, some at a time; safe to repeat.
 * @param folder where the paths of the files begin
 * @param documents what the project has
 * @param progress hears how many files are through
 * @returns what became of each file, in their order
 * @throws UserError when the API stays away; what was sent by then is there
 */
export async function putFiles(
  target: Target,
  folder: string,
  files: readonly MarkdownFile[],
  documents: readonly KnownDocument[],
  progress: (done: number) => void,
): Promise<Outcome[]> {
  const known = byFileName(documents);
  const owners = ownersOf(files);
  let done = 0;
  const put = async (file: MarkdownFile): Promise<Outcome> => {
    const { path, name } = file;
    try {
      const owner = owners.get(name);
      if (owner !== path) throw new UnfitFile(`its document would be called ${name}, as that of ${owner}`);
      const draft = { name, content: await readMarkdownFile(folder, file) };
      return { path, ...(await putDraft(target, draft, known.get(name))) };
    } catch (error) {
      return { path, result: "failed", reason: reasonFor(error) };
    } finally {
      done += 1;
      progress(done);
    }
  };
  const limit = pLimit(AT_ONCE);
  try {
    return await Promise.all(files.map((file) => limit(put, file)));
  } finally {
    // After a failure nothing that has not begun begins.
    limit.clearQueue();
  }
}
