import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterEach, beforeEach, expect, it } from "@jest/globals";
import { type SecretsManager, startSecretsManager } from "../../../scripts/local/secrets-manager.ts";

const arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:house/key-abcdef";
const declared = [
  { arn, name: "house/key", properties: { GenerateSecretString: { PasswordLength: 48, ExcludePunctuation: true } } },
];

let folder: string;
let running: { secrets: SecretsManager; client: SecretsManagerClient }[] = [];

async function start() {
  const secrets = await startSecretsManager(declared, join(folder, "secrets.json"));
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = new SecretsManagerClient({ endpoint: secrets.url, region: "us-east-1", credentials, maxAttempts: 1 });
  running.push({ secrets, client });
  return { secrets, client };
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "secrets-"));
});

afterEach(async () => {
  for (const { secrets, client } of running) {
    client.destroy();
    await secrets.stop();
  }
  running = [];
  await rm(folder, { recursive: true });
});

const read = (client: SecretsManagerClient, VersionStage?: string, SecretId = arn) =>
  client.send(new GetSecretValueCommand({ SecretId, VersionStage }));

it("generates a declared secret as its resource says, and finds it by ARN and by name", async () => {
  const { client, secrets } = await start();
  const byArn = await read(client);
  expect(byArn.SecretString).toMatch(/^[A-Za-z0-9]{48}$/);
  expect(byArn).toMatchObject({ ARN: arn, Name: "house/key", VersionStages: ["AWSCURRENT"] });
  expect((await read(client, "AWSCURRENT", "house/key")).SecretString).toBe(byArn.SecretString);
  expect(secrets.valueOf(arn)).toBe(byArn.SecretString);
});

it("has no previous version before the first rotation", async () => {
  const { client } = await start();
  await expect(read(client, "AWSPREVIOUS")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
});

it("keeps the previous version after a rotation, and forgets the one before it", async () => {
  const { client } = await start();
  const first = (await read(client)).SecretString;
  await client.send(new PutSecretValueCommand({ SecretId: arn, SecretString: "second" }));
  expect((await read(client)).SecretString).toBe("second");
  expect((await read(client, "AWSPREVIOUS")).SecretString).toBe(first);
  await client.send(new PutSecretValueCommand({ SecretId: arn, SecretString: "third" }));
  expect((await read(client, "AWSPREVIOUS")).SecretString).toBe("second");
});

it("refuses unknown secrets and unknown operations as AWS does", async () => {
  const { client, secrets } = await start();
  await expect(read(client, undefined, "house/other")).rejects.toMatchObject({
    name: "ResourceNotFoundException",
    $metadata: { httpStatusCode: 400 },
  });
  const headers = { "x-amz-target": "secretsmanager.DeleteSecret", "content-type": "application/x-amz-json-1.1" };
  const answer = await fetch(secrets.url, { method: "POST", headers, body: "{}" });
  expect([answer.status, await answer.json()]).toMatchObject([400, { __type: "UnknownOperationException" }]);
});

it("keeps the value over a restart, for its owner's eyes only", async () => {
  const first = (await start()).secrets.valueOf(arn);
  expect((await start()).secrets.valueOf(arn)).toBe(first);
  expect((await stat(join(folder, "secrets.json"))).mode & 0o777).toBe(0o600);
});
