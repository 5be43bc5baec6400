import { randomUUID } from "node:crypto";
import { resourcesOfType, type ServiceConfiguration } from "./configuration.ts";
import type { EventBus, EventContent } from "./event-bus.ts";
import type { FauxqsStores } from "./fauxqs-stores.ts";
import type { References } from "./resolve-references.ts";
import { currentETag } from "./s3-conditions.ts";

type S3Store = FauxqsStores["s3Store"];

interface Notified {
  NotificationConfiguration?: { EventBridgeConfiguration?: { EventBridgeEnabled?: boolean } };
}

/** The buckets whose resource says that what happens in them is told to EventBridge. */
export function bucketsWithEvents(configuration: ServiceConfiguration, references: References): ReadonlySet<string> {
  const buckets = resourcesOfType(configuration, "AWS::S3::Bucket").flatMap(([id, { Properties = {} }]) => {
    const { NotificationConfiguration } = references.resolve(Properties) as Notified;
    const configured = NotificationConfiguration?.EventBridgeConfiguration;
    return configured && configured.EventBridgeEnabled !== false ? [references.ref(id)] : [];
  });
  return new Set(buckets);
}

let lastSequence = 0;

/** Later events of a key have a higher one, as hex digits of one length; also after a restart. */
function sequencer(): string {
  lastSequence = Math.max(lastSequence + 1, Date.now() * 1_000);
  return lastSequence.toString(16).toUpperCase().padStart(18, "0");
}

interface Written {
  key: string;
  etag: string;
  contentLength: number;
}

/** An event as S3 puts it on the default bus; the key stands there as it is, not encoded. */
function objectEvent(bucket: string, detailType: string, object: object, how: object): EventContent {
  return {
    source: "aws.s3",
    detailType,
    resources: [`arn:aws:s3:::${bucket}`],
    detail: {
      version: "0",
      bucket: { name: bucket },
      object: { ...object, sequencer: sequencer() },
      "request-id": randomUUID(),
      requester: "000000000000",
      "source-ip-address": "127.0.0.1",
      ...how,
    },
  };
}

/**
 * Tells the bus of every object that is written to or removed from these buckets, through the wire or past it: the store
 * is the one place that all requests come to. What is loaded from an earlier start is not told again. A copy has the
 * reason `PutObject`, since the store knows no other.
 */
export function publishObjectEvents(
  store: S3Store,
  buckets: ReadonlySet<string>,
  bus: Pick<EventBus, "publish">,
): void {
  const publish = (bucket: string, detailType: string, object: object, how: object): void => {
    if (!buckets.has(bucket)) return;
    const event = objectEvent(bucket, detailType, object, how);
    // After the answer is on its way: nobody may come to rely on a target having run when a write returns.
    setImmediate(() => bus.publish(event));
  };
  const created = (bucket: string, { key, etag, contentLength }: Written, reason: string): void =>
    publish(bucket, "Object Created", { key, size: contentLength, etag: etag.replaceAll('"', "") }, { reason });

  const { putObject, completeMultipartUpload, deleteObject } = store;
  store.putObject = (bucket, ...rest) => {
    const object = putObject.call(store, bucket, ...rest);
    created(bucket, object, "PutObject");
    return object;
  };
  store.completeMultipartUpload = (uploadId, parts) => {
    const object = completeMultipartUpload.call(store, uploadId, parts);
    // The store does not say into which bucket it went.
    const written = [...buckets].filter((bucket) => currentETag(store, bucket, object.key) === object.etag);
    for (const bucket of written) created(bucket, object, "CompleteMultipartUpload");
    return object;
  };
  store.deleteObject = (bucket, key) => {
    deleteObject.call(store, bucket, key);
    publish(bucket, "Object Deleted", { key }, { reason: "DeleteObject", "deletion-type": "Permanently Deleted" });
  };
}
