import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { awsErrorName } from "@enceladus/shared/aws-errors";
import { DomainError } from "@enceladus/shared/errors";
import { s3 } from "@enceladus/shared/s3";
import { settings } from "./settings.ts";

/** The files that a project's deployments are configured by and published in. */
export type ConfigFile = "state.json" | "deploy.json" | "current-version.json";

/** Only these say that there is no such file. Anything else, a refusal above all, says nothing. */
const ABSENT = new Set(["NoSuchKey", "NotFound", "404"]);
/** Such a file holds a few fields. */
const MAX_BYTES = 1024 * 1024;

function keyOf(projectId: string, file: ConfigFile): string {
  return `${settings.configPrefix()}/${projectId}/${file}`;
}

function unreadable(file: ConfigFile, cause: unknown): DomainError {
  return new DomainError(
    "INTERNAL_ERROR",
    `The file ${file} of the project cannot be read.`,
    {},
    {
      retryable: true,
      cause,
    },
  );
}

/** A file as it was read. */
export interface StoredFile {
  text: string;
  /** Which version of it that is. */
  etag: string | undefined;
}

/**
 * A file of a project, or undefined if there is none.
 * @throws DomainError INTERNAL_ERROR for whatever else the bucket says
 */
export async function readConfigFile(projectId: string, file: ConfigFile): Promise<StoredFile | undefined> {
  try {
    const {
      Body,
      ETag,
      ContentLength = 0,
    } = await s3().send(new GetObjectCommand({ Bucket: settings.bucket(), Key: keyOf(projectId, file) }));
    if (ContentLength > MAX_BYTES) throw new Error(`${ContentLength} bytes`);
    return { text: (await Body?.transformToString()) ?? "", etag: ETag };
  } catch (error) {
    if (ABSENT.has(awsErrorName(error))) return undefined;
    throw unreadable(file, error);
  }
}

/** What a file says as JSON. @throws DomainError INTERNAL_ERROR, also for a file that is no JSON object */
export async function readConfig(
  projectId: string,
  file: ConfigFile,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const stored = await readConfigFile(projectId, file);
  if (!stored) return undefined;
  const value = jsonObject(stored.text);
  if (!value) throw unreadable(file, new Error("not a JSON object"));
  return value;
}

/** The object that a text of JSON stands for; undefined for any other text. */
export function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Writes a file of a project.
 * @param over the version that it is written over: an entity tag, `nothing` where there must be none, or any
 * @returns false where another version is there
 * @throws DomainError INTERNAL_ERROR
 */
export async function writeConfigFile(
  projectId: string,
  file: ConfigFile,
  content: Readonly<Record<string, unknown>>,
  over: { etag: string } | "nothing" | "any" = "any",
): Promise<boolean> {
  try {
    await s3().send(
      new PutObjectCommand({
        Bucket: settings.bucket(),
        Key: keyOf(projectId, file),
        Body: JSON.stringify(content),
        ContentType: "application/json",
        ...(over === "nothing" && { IfNoneMatch: "*" }),
        ...(typeof over === "object" && { IfMatch: over.etag }),
      }),
    );
    return true;
  } catch (error) {
    // 409: another write of the key was under way.
    if (["PreconditionFailed", "ConditionalRequestConflict"].includes(awsErrorName(error))) return false;
    throw new DomainError(
      "INTERNAL_ERROR",
      `The file ${file} of the project cannot be written.`,
      {},
      {
        retryable: true,
        cause: error,
      },
    );
  }
}
