import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { placePages } from "../../../scripts/local/pages/place.ts";
import { directS3, services } from "../../support/services.ts";

let Bucket: string;
const place = () => placePages({ s3Url: services.direct.s3, region: services.region, bucket: Bucket });
const put = (Key: string, Metadata = {}) =>
  directS3.send(new PutObjectCommand({ Bucket, Key, Body: "theirs", Metadata }));

async function keys(): Promise<string[]> {
  const { Contents = [] } = await directS3.send(new ListObjectsV2Command({ Bucket }));
  return Contents.map(({ Key }) => Key ?? "");
}

async function textOf(Key: string): Promise<string> {
  const { Body } = await directS3.send(new GetObjectCommand({ Bucket, Key }));
  return (await Body?.transformToString()) ?? "";
}

let count = 0;
beforeEach(async () => {
  count += 1;
  Bucket = `pages-${process.pid}-${count}`;
  await directS3.send(new CreateBucketCommand({ Bucket }));
});

describe("the demo page", () => {
  it("is put behind the CDN, each file with its type", async () => {
    await place();
    expect(await keys()).toEqual(["app.js", "icon.svg", "index.html", "style.css"].map((name) => `enceladus/${name}`));
    const head = await directS3.send(new HeadObjectCommand({ Bucket, Key: "enceladus/app.js" }));
    expect([head.ContentType, head.CacheControl]).toEqual(["text/javascript; charset=utf-8", "no-cache"]);
  });

  it("needs nothing that a strict policy forbids", async () => {
    await place();
    const page = await textOf("enceladus/index.html");
    expect(page).not.toMatch(/<style|<script(?![^>]* src=)|\son\w+=|style=|https?:\/\//);
    for (const [, file] of page.matchAll(/(?:src|href)="\/(enceladus\/[^"]+\.\w+)"/g)) {
      expect(await keys()).toContain(file);
    }
  });

  it("takes the place of that of an earlier start", async () => {
    await put("enceladus/index.html", { "placed-by": "npm-start" });
    await place();
    expect(await textOf("enceladus/index.html")).toContain("<!doctype html>");
  });

  it("leaves somebody's app alone", async () => {
    await put("enceladus/index.html");
    await place();
    expect([await keys(), await textOf("enceladus/index.html")]).toEqual([["enceladus/index.html"], "theirs"]);
  });

  it("leaves a file of somebody's alone", async () => {
    await put("enceladus/style.css");
    await place();
    expect([(await keys()).length, await textOf("enceladus/style.css")]).toEqual([4, "theirs"]);
  });
});
