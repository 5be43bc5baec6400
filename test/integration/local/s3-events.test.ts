import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, expect, it } from "@jest/globals";
import { compilePattern } from "../../../scripts/local/event-bus/pattern.ts";
import type { EventContent } from "../../../scripts/local/event-bus.ts";
import { type Fauxqs, startFauxqs } from "../../../scripts/local/fauxqs.ts";
import { publishObjectEvents } from "../../../scripts/local/s3-events.ts";
import { eventually } from "../../support/eventually.ts";

const [Bucket, quiet] = ["told", "untold"];

let fauxqs: Fauxqs;
let s3: S3Client;
let events: EventContent[];

beforeAll(async () => {
  fauxqs = await startFauxqs("us-east-1");
  for (const bucket of [Bucket, quiet]) fauxqs.stores.s3Store.createBucket(bucket);
  publishObjectEvents(fauxqs.stores.s3Store, new Set([Bucket]), { publish: (event) => void events.push(event) });
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  s3 = new S3Client({ endpoint: fauxqs.url, region: "us-east-1", credentials, forcePathStyle: true });
});

beforeEach(() => {
  events = [];
});

afterAll(async () => {
  s3.destroy();
  await fauxqs.stop();
});

async function told(count: number) {
  const all = await eventually(
    () => events,
    (seen) => seen.length >= count,
  );
  return all.map(({ detailType, detail }) => {
    const { object, reason } = detail as { object: { key: string; sequencer: string }; reason: string };
    return { detailType, key: object.key, reason, sequencer: object.sequencer };
  });
}

it("tells of a written object what S3 tells, its key as it is", async () => {
  const { ETag } = await s3.send(new PutObjectCommand({ Bucket, Key: "docs/a b+ä.md", Body: "four" }));
  await told(1);
  expect(events).toEqual([
    {
      source: "aws.s3",
      detailType: "Object Created",
      resources: ["arn:aws:s3:::told"],
      detail: expect.objectContaining({
        version: "0",
        bucket: { name: Bucket },
        object: {
          key: "docs/a b+ä.md",
          size: 4,
          etag: ETag?.replaceAll('"', ""),
          sequencer: expect.stringMatching(/^[0-9A-F]{18}$/),
        },
        reason: "PutObject",
      }),
    },
  ]);
  const matches = compilePattern({ source: ["aws.s3"], detail: { object: { key: [{ prefix: "docs/" }] } } });
  expect(matches(events[0])).toBe(true);
});

it("tells of copies, uploads in parts and removals, each later than the one before, and of no other bucket", async () => {
  await s3.send(new PutObjectCommand({ Bucket: quiet, Key: "source", Body: "x" }));
  await s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${quiet}/source` }));
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "parts" }));
  const upload = { Bucket, Key: "parts", UploadId };
  const { ETag } = await s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: "x" }));
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  await s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "copy" }));
  await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "parts" }] } }));
  await expect(s3.send(new PutObjectCommand({ Bucket, Key: "parts", Body: "x", IfMatch: '"0"' }))).rejects.toThrow();
  const seen = await told(4);
  const created = { detailType: "Object Created", sequencer: expect.any(String) };
  const deleted = { detailType: "Object Deleted", sequencer: expect.any(String), reason: "DeleteObject" };
  expect(seen).toEqual([
    { ...created, key: "copy", reason: "PutObject" },
    { ...created, key: "parts", reason: "CompleteMultipartUpload" },
    { ...deleted, key: "copy" },
    { ...deleted, key: "parts" },
  ]);
  const order = seen.map(({ sequencer }) => sequencer);
  expect(order).toEqual([...order].sort());
});
