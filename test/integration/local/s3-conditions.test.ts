import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { describe, expect, it } from "@jest/globals";
import { directS3, realName, services } from "../../support/services.ts";

const Bucket = realName("buckets", "assets");
const refused = { name: "PreconditionFailed", $metadata: { httpStatusCode: 412 } };

function put(Key: string, Body: string, conditions: { IfNoneMatch?: string; IfMatch?: string } = {}) {
  return directS3.send(new PutObjectCommand({ Bucket, Key, Body, ...conditions }));
}

async function bodyOf(Key: string): Promise<string | undefined> {
  return (await directS3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();
}

describe("If-None-Match: *", () => {
  it("writes an object that is not there, and refuses one that is", async () => {
    await put("conditions/new", "first", { IfNoneMatch: "*" });
    await expect(put("conditions/new", "second", { IfNoneMatch: "*" })).rejects.toMatchObject(refused);
    expect(await bodyOf("conditions/new")).toBe("first");
  });

  it("lets exactly one of a hundred win", async () => {
    const writers = Array.from({ length: 100 }, (_, i) => put("conditions/race", String(i), { IfNoneMatch: "*" }));
    const outcomes = await Promise.allSettled(writers);
    const winners = outcomes.flatMap(({ status }, i) => (status === "fulfilled" ? [String(i)] : []));
    expect(winners).toHaveLength(1);
    expect(await bodyOf("conditions/race")).toBe(winners[0]);
  });
});

describe("If-Match", () => {
  it("writes over the version that was read, and refuses over another", async () => {
    const { ETag = "" } = await put("conditions/etag", "first");
    const second = await put("conditions/etag", "second", { IfMatch: ETag });
    await expect(put("conditions/etag", "third", { IfMatch: ETag })).rejects.toMatchObject(refused);
    expect(await bodyOf("conditions/etag")).toBe("second");
    await expect(put("conditions/etag", "third", { IfMatch: second.ETag ?? "" })).resolves.toBeDefined();
  });

  it("does not find an object that is not there", async () => {
    await expect(put("conditions/none", "x", { IfMatch: '"0"' })).rejects.toMatchObject({ name: "NoSuchKey" });
  });
});

it("holds over the wire too", async () => {
  const endpoint = services.environments.projectService?.AWS_ENDPOINT_URL_S3 ?? "";
  const { region, credentials } = services;
  const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  const write = () => s3.send(new PutObjectCommand({ Bucket, Key: "conditions/wired", Body: "x", IfNoneMatch: "*" }));
  await write();
  await expect(write()).rejects.toMatchObject(refused);
  s3.destroy();
});
