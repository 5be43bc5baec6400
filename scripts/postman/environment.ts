/** What a run has to be told: where the API is, and who calls. */
export interface Settings {
  baseUrl: string;
  idToken: string;
  refreshToken: string;
  internalKey: string;
  awsAccessKeyId: string;
  awsSecretAccessKey: string;
  region: string;
  /** The prefix of the run's project; empty for any. */
  ownPrefix: string;
}

const SECRETS: ReadonlySet<string> = new Set([
  "idToken",
  "refreshToken",
  "internalKey",
  "awsSecretAccessKey",
] satisfies (keyof Settings)[]);

/** For `npm start`, as far as that is the same on every machine. */
export const LOCAL: Settings = {
  baseUrl: "http://127.0.0.1:3000",
  idToken: "",
  refreshToken: "",
  internalKey: "",
  awsAccessKeyId: "local",
  awsSecretAccessKey: "local",
  region: "us-east-1",
  ownPrefix: "",
};

/** An environment of Postman. */
export function postmanEnvironment(name: string, settings: Settings) {
  return {
    name,
    values: Object.entries(settings).map(([key, value]) => ({
      key,
      value,
      type: SECRETS.has(key) ? "secret" : "default",
      enabled: true,
    })),
    _postman_variable_scope: "environment",
  };
}
