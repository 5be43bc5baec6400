import { PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, jest } from "@jest/globals";
import { type SecretsManager, startSecretsManager } from "../../../scripts/local/secrets-manager.ts";
import { moveClock } from "../../support/clock.ts";

const ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:rotated/key-abcdef";
const properties = { GenerateSecretString: { PasswordLength: 48, ExcludePunctuation: true } };
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

type InternalKey = typeof import("@enceladus/shared/internal-key");

/** A secret of its own: the one that all tests share must not change under them. */
let secrets: SecretsManager;
let client: SecretsManagerClient;
let isInternalKey: InternalKey["isInternalKey"];
let internalKey: InternalKey["internalKey"];
let send: jest.SpiedFunction<SecretsManagerClient["send"]>;

/** How often the container has asked for the secret, both versions counted. */
const reads = () => send.mock.calls.length;

beforeAll(() => {
  delete process.env.COORDINATION_INTERNAL_API_KEY;
  process.env.INTERNAL_KEY_SECRET = ARN;
});

beforeEach(async () => {
  secrets = await startSecretsManager([{ arn: ARN, name: "rotated/key", properties }]);
  process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER = secrets.url;
  client = new SecretsManagerClient({});
  // A fresh container, with a client of its own.
  jest.resetModules();
  const ofContainer = await import("@aws-sdk/client-secrets-manager");
  send = jest.spyOn(ofContainer.SecretsManagerClient.prototype, "send");
  ({ isInternalKey, internalKey } = await import("@enceladus/shared/internal-key"));
});

afterEach(async () => {
  jest.restoreAllMocks();
  await secrets.stop().catch(() => undefined);
});

afterAll(() => client.destroy());

async function rotate(): Promise<string> {
  const SecretString = `key-${Math.random()}`;
  await client.send(new PutSecretValueCommand({ SecretId: ARN, SecretString }));
  return SecretString;
}

it("a key is read once for five minutes, however many requests come at once", async () => {
  const key = secrets.valueOf(ARN);
  expect(await Promise.all(Array.from({ length: 20 }, () => isInternalKey(key)))).toEqual(Array(20).fill(true));
  expect(reads()).toBe(2);
  moveClock(5 * MINUTE - SECOND);
  expect(await isInternalKey(key)).toBe(true);
  expect(reads()).toBe(2);
  moveClock(5 * MINUTE + SECOND);
  expect(await isInternalKey(key)).toBe(true);
  expect(reads()).toBe(4);
});

it("after a rotation both keys work, the new one at once in a container that knows the old one only", async () => {
  const first = secrets.valueOf(ARN);
  expect(await isInternalKey(first)).toBe(true);
  const second = await rotate();
  expect(await isInternalKey(first)).toBe(true);
  expect(await isInternalKey(second)).toBe(true);
  expect(await isInternalKey(first)).toBe(true);
  expect(await internalKey()).toBe(second);
});

it("after a second rotation the oldest key is refused, at the latest when five minutes are over", async () => {
  const first = secrets.valueOf(ARN);
  expect(await isInternalKey(first)).toBe(true);
  const [second, third] = [await rotate(), await rotate()];
  expect(await isInternalKey(first)).toBe(true);
  moveClock(5 * MINUTE + SECOND);
  expect(await isInternalKey(first)).toBe(false);
  expect([await isInternalKey(second), await isInternalKey(third)]).toEqual([true, true]);
});

it("wrong keys make the secret be read again once a minute, and those of agents never", async () => {
  await isInternalKey(secrets.valueOf(ARN));
  for (const wrong of ["one", "two", "three"]) expect(await isInternalKey(wrong)).toBe(false);
  expect(reads()).toBe(4);
  moveClock(MINUTE - SECOND);
  expect(await isInternalKey("four")).toBe(false);
  expect(reads()).toBe(4);
  moveClock(MINUTE + SECOND);
  expect(await isInternalKey(`enc_${"x".repeat(70)}`)).toBe(false);
  expect(reads()).toBe(4);
  expect(await isInternalKey("five")).toBe(false);
  expect(reads()).toBe(6);
});

it("a wrong key that is the first thing a container sees costs one read, not two", async () => {
  expect(await isInternalKey("wrong")).toBe(false);
  expect(reads()).toBe(2);
});

it("wrong keys at the same time share one read, and so does the right one among them", async () => {
  await isInternalKey(secrets.valueOf(ARN));
  const second = await rotate();
  const answers = await Promise.all(["a", "b", second, "c"].map((key) => isInternalKey(key)));
  expect(answers).toEqual([false, false, true, false]);
  expect(reads()).toBe(4);
});

it("a secret that cannot be read is a 503 to a container that has never read it", async () => {
  const key = secrets.valueOf(ARN);
  await secrets.stop();
  await expect(isInternalKey(key)).rejects.toMatchObject({ code: "UNAVAILABLE", retryAfterSeconds: 1 });
});

it("a secret that cannot be read again keeps the keys good that were, and says of others that it cannot tell", async () => {
  const key = secrets.valueOf(ARN);
  expect(await isInternalKey(key)).toBe(true);
  await secrets.stop();
  moveClock(5 * MINUTE + SECOND);
  expect(await isInternalKey(key)).toBe(true);
  await expect(isInternalKey("the new one?")).rejects.toMatchObject({ code: "UNAVAILABLE" });
  // Nobody waits for it again and again: neither who has a good key, nor who has a wrong one.
  const before = reads();
  expect([await isInternalKey(key), await isInternalKey("wrong")]).toEqual([true, false]);
  expect(reads()).toBe(before);
});
