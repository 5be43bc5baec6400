import { randomInt, randomUUID } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import * as z from "zod";
import { type AwsFailure, startJsonDouble } from "./json-double.ts";

const SecretVersion = z.object({
  id: z.string(),
  stages: z.array(z.string()),
  value: z.string(),
  createdAt: z.number(),
});
const Secret = z.object({ arn: z.string(), name: z.string(), versions: z.array(SecretVersion) });
type Secret = z.infer<typeof Secret>;

const GetSecretValueRequest = z.object({
  SecretId: z.string().min(1),
  VersionId: z.string().optional(),
  VersionStage: z.string().optional(),
});
const PutSecretValueRequest = z.object({
  SecretId: z.string().min(1),
  SecretString: z.string().min(1),
  ClientRequestToken: z.string().optional(),
});

/** Resource properties from which CloudFormation makes the first version of a secret. */
const SecretProperties = z.object({
  SecretString: z.string().optional(),
  GenerateSecretString: z
    .object({
      PasswordLength: z.coerce.number().default(32),
      ExcludePunctuation: z.coerce.boolean().default(false),
      SecretStringTemplate: z.string().optional(),
      GenerateStringKey: z.string().optional(),
    })
    .optional(),
});

const LETTERS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const PUNCTUATION = "!#$%&()*+-./:;<=>?@[]^_{|}~";

function firstValue(properties: unknown): string {
  const { SecretString, GenerateSecretString: generate } = SecretProperties.parse(properties);
  if (SecretString !== undefined) return SecretString;
  const { PasswordLength = 32, ExcludePunctuation = false, SecretStringTemplate, GenerateStringKey } = generate ?? {};
  const alphabet = LETTERS_AND_DIGITS + (ExcludePunctuation ? "" : PUNCTUATION);
  const text = Array.from({ length: PasswordLength }, () => alphabet.charAt(randomInt(alphabet.length))).join("");
  if (!SecretStringTemplate || !GenerateStringKey) return text;
  return JSON.stringify({ ...JSON.parse(SecretStringTemplate), [GenerateStringKey]: text });
}

const notFound = (message: string): AwsFailure => ({ code: "ResourceNotFoundException", message });

export interface SecretsManager {
  url: string;
  /** The current value of a secret, by ARN. */
  valueOf(arn: string): string;
  stop(): Promise<void>;
}

/**
 * A double of Secrets Manager with the declared secrets. Values are generated once and kept.
 * @param declared the secrets of serverless.yml
 * @param file where the values are kept, readable by the owner only; absent: in memory
 */
export async function startSecretsManager(
  declared: readonly { arn: string; name: string; properties: unknown }[],
  file?: string,
): Promise<SecretsManager> {
  const kept = file === undefined ? "[]" : await readFile(file, "utf8").catch(() => "[]");
  const secrets = new Map(
    z
      .array(Secret)
      .parse(JSON.parse(kept))
      .map((secret) => [secret.arn, secret]),
  );

  const save = async () => {
    if (file === undefined) return;
    await writeFile(`${file}.new`, JSON.stringify([...secrets.values()], undefined, 2), { mode: 0o600 });
    await rename(`${file}.new`, file);
  };

  for (const { arn, name, properties } of declared) {
    if (secrets.has(arn)) continue;
    const version = {
      id: randomUUID(),
      stages: ["AWSCURRENT"],
      value: firstValue(properties),
      createdAt: Date.now() / 1000,
    };
    secrets.set(arn, { arn, name, versions: [version] });
  }
  await save();

  const find = (id: string): Secret | undefined =>
    secrets.get(id) ?? [...secrets.values()].find((secret) => secret.name === id);

  function getSecretValue(request: unknown) {
    const {
      SecretId,
      VersionId,
      VersionStage = VersionId === undefined ? "AWSCURRENT" : undefined,
    } = GetSecretValueRequest.parse(request);
    const secret = find(SecretId);
    if (!secret) throw notFound("Secrets Manager can't find the specified secret.");
    const version = secret.versions.find(
      (candidate) =>
        (VersionId === undefined || candidate.id === VersionId) &&
        (VersionStage === undefined || candidate.stages.includes(VersionStage)),
    );
    if (!version) {
      throw notFound(
        `Secrets Manager can't find the specified secret value for staging label: ${VersionStage ?? VersionId}`,
      );
    }
    return {
      ARN: secret.arn,
      Name: secret.name,
      VersionId: version.id,
      SecretString: version.value,
      VersionStages: version.stages,
      CreatedDate: version.createdAt,
    };
  }

  async function putSecretValue(request: unknown) {
    const { SecretId, SecretString, ClientRequestToken = randomUUID() } = PutSecretValueRequest.parse(request);
    const secret = find(SecretId);
    if (!secret) throw notFound("Secrets Manager can't find the specified secret.");
    // What was current becomes previous, and what was previous has no label any more: AWS forgets it in time.
    secret.versions = secret.versions
      .filter((version) => version.stages.includes("AWSCURRENT"))
      .map((version) => ({ ...version, stages: ["AWSPREVIOUS"] }));
    const stages = ["AWSCURRENT"];
    secret.versions.push({ id: ClientRequestToken, stages, value: SecretString, createdAt: Date.now() / 1000 });
    await save();
    return { ARN: secret.arn, Name: secret.name, VersionId: ClientRequestToken, VersionStages: stages };
  }

  const double = await startJsonDouble("secretsmanager", {
    GetSecretValue: getSecretValue,
    PutSecretValue: putSecretValue,
  });
  return {
    ...double,
    valueOf: (arn) => getSecretValue({ SecretId: arn }).SecretString,
  };
}
