import { S3Client } from "@aws-sdk/client-s3";
import { afterEach, describe, expect, it, jest } from "@jest/globals";
import { listSources, MOST_BYTES, readSource } from "../../../../domain/documents/sync/source-store.ts";

const file = { bucket: "b", key: "k" };

/** Plays answers of S3 that the local one does not give. */
function answerWith(...answers: object[]) {
  const send = jest.spyOn(S3Client.prototype, "send") as unknown as jest.Mock<(command: object) => Promise<object>>;
  for (const answer of answers) send.mockResolvedValueOnce(answer);
  return send;
}

afterEach(() => void jest.restoreAllMocks());

describe("the list of files", () => {
  it("has all pages, keys as they are, in order, without folders", async () => {
    const send = answerWith(
      { EncodingType: "url", Contents: [{ Key: "p/z", ETag: "1" }, { Key: "p/" }], NextContinuationToken: "next" },
      {
        EncodingType: "url",
        Contents: [
          { Key: "p/a+%2B%20%C3%A4%01", ETag: "2" },
          { Key: "p/folder/", ETag: "3" },
        ],
      },
    );
    expect([...(await listSources("b", "p/"))]).toEqual([
      ["a + ä\u0001", "2"],
      ["z", "1"],
    ]);
    expect(send.mock.calls).toMatchObject([[{ input: { Prefix: "p/" } }], [{ input: { ContinuationToken: "next" } }]]);
  });

  it("takes keys as they come where they are not encoded", async () => {
    answerWith({ Contents: [{ Key: "p/a+%20", ETag: "1" }] });
    expect([...(await listSources("b", "p/")).keys()]).toEqual(["a+%20"]);
  });
});

describe("a file", () => {
  it("that is too large is refused before it is read", async () => {
    const destroy = jest.fn();
    answerWith({ ContentLength: MOST_BYTES + 1, ETag: "1", Body: { destroy } });
    await expect(readSource(file, undefined)).rejects.toMatchObject({ code: "PAYLOAD_TOO_LARGE" });
    expect(destroy).toHaveBeenCalledTimes(1);
  });
});
