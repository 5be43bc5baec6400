import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, describe, expect, it } from "@jest/globals";
import { ApiCaller } from "../../support/api-caller.ts";
import { runScript } from "../../support/command.ts";
import { eventually } from "../../support/eventually.ts";
import { system } from "../../support/shared-system.ts";

const QUEUE = "enceladus-document-upkeep-failures";
const FILE = "dead-letters-story.md";
const KEY = `governance/live/${FILE}`;

const { aws, region, apiUrl, buckets, queues } = system.endpoints;
const client = { region, credentials: aws };
const s3 = new S3Client({ ...client, endpoint: aws.s3, forcePathStyle: true });
const sqs = new SQSClient({ ...client, endpoint: aws.sqs, useQueueUrlAsEndpoint: false });
const agent = ApiCaller.service(system);

afterAll(() => {
  s3.destroy();
  sqs.destroy();
});

const dlq = (...args: string[]) => runScript("dlq", [...args, "--data", system.dataDir]);

async function waiting(): Promise<number> {
  const names = ["ApproximateNumberOfMessages" as const];
  const command = new GetQueueAttributesCommand({ QueueUrl: queues[QUEUE], AttributeNames: names });
  return Number((await sqs.send(command)).Attributes?.ApproximateNumberOfMessages);
}

describe("an event that a function cannot deal with", () => {
  it("is put aside, shown with its reason, and dealt with when it is sent back", async () => {
    const fault = { function: "documentUpkeep", service: "s3", match: FILE, error: "AccessDenied", times: 3 };
    await fetch(`${apiUrl}/local/faults`, { method: "POST", body: JSON.stringify(fault) });
    await s3.send(new PutObjectCommand({ Bucket: buckets.assets, Key: KEY, Body: "# Rules\n" }));
    await eventually(waiting, (count) => count === 1, 60_000);

    const shown = await dlq("show", QUEUE, "--json");
    const [letter] = JSON.parse(shown.output) as { id: string }[];
    expect(letter).toMatchObject({
      trouble: expect.stringMatching(/^RetriesExhausted after 3 tries: /),
      goes_back: "to the function enceladus-document-upkeep-dev",
      body: { requestPayload: { detail: { object: { key: KEY } } } },
    });

    const replayed = await dlq("replay", QUEUE, "--id", letter?.id ?? "", "--yes");
    expect(replayed).toMatchObject({ code: 0, output: expect.stringContaining("1 sent back, 0 left.") });
    const titles = async () => {
      const { body } = await agent.get("/api/v1/documents?project=devops");
      return (body.documents as { title: string }[]).map(({ title }) => title);
    };
    await eventually(titles, (all) => all.includes(`Governance: ${FILE}`), 60_000);
  });

  it("cannot be looked for in a queue that there is not; the known ones are named", async () => {
    const { code, errors } = await dlq("replay", "nowhere", "--yes");
    expect(code).toBe(2);
    expect(errors).toContain("There is no queue of failures 'nowhere'. There are:\n");
    expect(errors).toContain(QUEUE);
  });
});
