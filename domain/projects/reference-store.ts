import { PutObjectCommand } from "@aws-sdk/client-s3";
import { awsErrorName } from "@enceladus/shared/aws-errors";
import { s3 } from "@enceladus/shared/s3";
import type { ReferenceRow } from "./reference-document.ts";

/**
 * Writes a project's reference document, unless there is one: a document that somebody has written is never replaced.
 * @returns `exists` also when an earlier attempt of this very write got through and only its answer was lost
 * @throws the AWS error after the client's retries
 */
export async function putReference(row: ReferenceRow, markdown: string): Promise<"created" | "exists"> {
  try {
    await s3().send(
      new PutObjectCommand({
        Bucket: row.s3_bucket,
        Key: row.s3_key,
        Body: markdown,
        ContentType: "text/markdown; charset=utf-8",
        CacheControl: "max-age=0, s-maxage=300, must-revalidate",
        IfNoneMatch: "*",
      }),
    );
    return "created";
  } catch (error) {
    if (awsErrorName(error) === "PreconditionFailed") return "exists";
    throw error;
  }
}
