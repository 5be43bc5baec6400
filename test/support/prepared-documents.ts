import { PutObjectCommand } from "@aws-sdk/client-s3";
import { PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { sha256 } from "@enceladus/shared/hash";
import { forgetProjects } from "../../domain/projects/index.ts";
import { handler } from "../../functions/doc-prep/handler.ts";
import { callFunction } from "./call-function.ts";
import { anyName, makeProject } from "./projects.ts";
import { directDynamodb, directS3, realName } from "./services.ts";

/** A document in an answer of document preparation. */
export interface AnsweredDocument {
  filename: string;
  source: string;
  category: string;
  size_bytes: number;
  content_hash: string;
  content?: string;
}

/** Everything that an answer of document preparation may hold. */
export interface PreparationAnswer {
  success: boolean;
  project_id: string;
  documents: AnsweredDocument[];
  total_docs: number;
  max_docs: number;
  prepared_at: string;
  warnings: { filename: string; reason: string }[];
  failed?: { filename: string; reason: string }[];
  recommendation?: string;
  total_bytes?: number;
  max_bytes?: number;
  error: string;
  error_envelope: { code: string; retryable: boolean; details: Record<string, unknown> };
}

/** `POST /doc-prep/{project}`, as the gateway sends it on. */
export function prepare(project: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) {
  return callFunction<PreparationAnswer>(handler, {
    method: "POST",
    path: `/api/v1/doc-prep/${project}`,
    headers,
    ...(body !== undefined && { body }),
  });
}

/** The configuration of a project, as operators write it. */
export interface Configuration {
  auto_include_reference?: boolean;
  max_docs?: number;
  additional_docs?: unknown[];
}

/** Gives a project a configuration; this container forgets what it knows of projects. */
export async function configure(project: string, configuration: Configuration): Promise<void> {
  await directDynamodb.send(
    new UpdateCommand({
      TableName: realName("tables", "projects"),
      Key: { project_id: project },
      UpdateExpression: "SET doc_prep_config = :config",
      ExpressionAttributeValues: { ":config": configuration },
    }),
  );
  forgetProjects();
}

/** A project of a test's own, with a configuration where one is given. */
export async function anyProject(configuration?: Configuration): Promise<string> {
  const { project_id } = await makeProject();
  if (configuration) await configure(project_id, configuration);
  return project_id;
}

/** Writes an object that no other test uses, and says its key. */
export async function putText(content: string | Uint8Array, { checksum = false } = {}): Promise<string> {
  const Key = `docs/${anyName()}.md`;
  await directS3.send(
    new PutObjectCommand({
      Bucket: realName("buckets", "assets"),
      Key,
      Body: typeof content === "string" ? Buffer.from(content) : content,
      ...(checksum && { ChecksumAlgorithm: "SHA256" }),
    }),
  );
  return Key;
}

/** Writes a row of the documents that points to an object, and says its id. */
export async function putDocument(project_id: string, fields: Readonly<Record<string, unknown>>): Promise<string> {
  const document_id = anyName();
  await directDynamodb.send(
    new PutCommand({
      TableName: realName("tables", "documents"),
      Item: { document_id, project_id, title: "A document", s3_bucket: realName("buckets", "assets"), ...fields },
    }),
  );
  return document_id;
}

/** How a text is to be answered. */
export function described(content: string, key: string, filename: string, category = "general"): AnsweredDocument {
  return {
    filename,
    source: `s3://${realName("buckets", "assets")}/${key}`,
    category,
    size_bytes: Buffer.byteLength(content),
    content_hash: sha256(content),
    content,
  };
}
