import { setTimeout as wait } from "node:timers/promises";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { strToU8, zipSync } from "fflate";
import { UserError } from "../api/user-error.ts";
import type { Endpoints } from "../local/endpoints-file.ts";
import type { BuildOutcome } from "../local/wire/faults.ts";

type Body = Readonly<Record<string, unknown>>;

/** A request of a deployment, as the API tells of it. */
export interface DemoRequest {
  request_id: string;
  status: string;
  spec_id?: string;
  attempt_count?: number;
}

/** A spec, as the API tells of it. */
export interface DemoSpec {
  spec_id: string;
  status: string;
  resolved_version: string;
  previous_version: string;
  included_request_ids: string[];
  error_message?: string;
}

/** A deployment, as the API tells of it. */
export interface DemoDeployment {
  deploy_id: string;
  version: string;
  change_type: string;
  release_summary: string;
}

const PATIENCE_MS = 60_000;

/** The pipeline of one project, as its users meet it: by the API, but for what the builder is told. */
export class DemoPipeline {
  readonly project: string;
  readonly #endpoints: Endpoints;
  readonly #s3: S3Client;
  readonly #lambda: LambdaClient;

  constructor(endpoints: Endpoints, project: string) {
    this.project = project;
    this.#endpoints = endpoints;
    const { accessKeyId, secretAccessKey, s3 } = endpoints.aws;
    const common = { region: endpoints.region, credentials: { accessKeyId, secretAccessKey } };
    this.#s3 = new S3Client({ ...common, endpoint: s3, forcePathStyle: true });
    this.#lambda = new LambdaClient({ ...common, endpoint: endpoints.lambdaUrl });
  }

  close(): void {
    this.#s3.destroy();
    this.#lambda.destroy();
  }

  async #call<Answer = Record<string, unknown>>(method: string, path: string, body?: Body): Promise<Answer> {
    const answer = await fetch(`${this.#endpoints.apiUrl}${path}`, {
      method,
      headers: { Cookie: this.#endpoints.users[0]?.cookie ?? "", "Content-Type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new UserError(`${method} ${path} answered ${answer.status}: ${text}`);
    return JSON.parse(text || "{}") as Answer;
  }

  /** Creates the project, a task in it, its configuration and its first source. @returns the id of the task */
  async create(prefix: string): Promise<string> {
    await this.#call("POST", "/api/v1/projects", { name: this.project, prefix, summary: "Shows deployments" });
    const task = { title: "Show the new start page", acceptance_criteria: ["it is live"] };
    const { record_id } = await this.#call("POST", `/api/v1/tracker/${this.project}/task`, task);
    await this.#put(
      `deploy-config/${this.project}/deploy.json`,
      strToU8('{"build":{"version_file":"src/version.ts"}}'),
    );
    const source = { "src/version.ts": strToU8('export const APP_VERSION = "1.4.2";\n') };
    await this.#put(`deploy-sources/${this.project}/20260101T000000Z-1-0123456789ab.zip`, zipSync(source));
    return String(record_id);
  }

  async #put(Key: string, Body: Uint8Array): Promise<void> {
    await this.#s3.send(new PutObjectCommand({ Bucket: this.#endpoints.buckets.assets, Key, Body }));
  }

  /** Submits a request. @returns its id, and what was said */
  async submit(fields: Body): Promise<{ id: string; message: string }> {
    const body = { project_id: this.project, ...fields };
    const { request_id, message } = await this.#call("POST", "/api/v1/deploy/submit", body);
    return { id: String(request_id), message: String(message) };
  }

  request(id: string): Promise<DemoRequest> {
    return this.#call<DemoRequest>("GET", `/api/v1/deploy/request/${id}?project=${this.project}`);
  }

  spec(id: string): Promise<DemoSpec> {
    return this.#call<DemoSpec>("GET", `/api/v1/deploy/status/${id}?project=${this.project}`);
  }

  async setState(state: "ACTIVE" | "PAUSED", reason: string | null = null): Promise<string> {
    const { message } = await this.#call("PATCH", `/api/v1/deploy/state/${this.project}`, { state, reason });
    return String(message);
  }

  async trigger(): Promise<void> {
    await this.#call("POST", `/api/v1/deploy/trigger/${this.project}`, {});
  }

  async pendingIds(): Promise<string[]> {
    const path = `/api/v1/deploy/pending/${this.project}`;
    const { requests } = await this.#call<{ requests: DemoRequest[] }>("GET", path);
    return requests.map(({ request_id }) => request_id);
  }

  async history(): Promise<DemoDeployment[]> {
    const path = `/api/v1/deploy/history/${this.project}`;
    return (await this.#call<{ deployments: DemoDeployment[] }>("GET", path)).deployments;
  }

  /** The worklog entries of a task. */
  async worklogs(task: string): Promise<string[]> {
    const { record } = await this.#call("GET", `/api/v1/tracker/${this.project}/task/${task}`);
    const { history } = record as { history: { description: string }[] };
    return history.map(({ description }) => description).filter((text) => text.startsWith("[DEPLOYMENT]"));
  }

  /** Says how the project's next build goes. */
  async tellBuilder(build: Partial<BuildOutcome>): Promise<void> {
    await this.#call("POST", "/local/faults", { service: "codebuild", match: this.project, build });
  }

  /** Has the ends of builds looked for, as the schedule does, but at once. */
  async reconcile(): Promise<void> {
    const Payload = JSON.stringify({ reconcile: { project_id: this.project } });
    const { FunctionError, Payload: answer } = await this.#lambda.send(
      new InvokeCommand({ FunctionName: this.#endpoints.functions.deployFinalize, Payload }),
    );
    if (FunctionError) throw new UserError(`deploy-finalize failed: ${answer?.transformToString()}`);
  }

  /** Waits until a request is in a spec other than the ones named. */
  async untilIncluded(id: string, ...earlier: string[]): Promise<DemoSpec> {
    const request = await this.#until(
      `${id} is included in a spec`,
      () => this.request(id),
      ({ spec_id }) => spec_id !== undefined && !earlier.includes(spec_id),
    );
    return this.spec(request.spec_id ?? "");
  }

  /** Waits until a spec is over. */
  untilOver(specId: string): Promise<DemoSpec> {
    return this.#until(
      `${specId} is over`,
      () => this.spec(specId),
      ({ status }) => status !== "building",
    );
  }

  /** Waits until a task has so many entries about deployments. */
  async untilLogged(task: string, count: number): Promise<string[]> {
    return this.#until(
      `${task} is told`,
      () => this.worklogs(task),
      (logs) => logs.length >= count,
    );
  }

  async #until<Seen>(what: string, look: () => Promise<Seen>, holds: (seen: Seen) => boolean): Promise<Seen> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const seen = await look();
      if (holds(seen)) return seen;
      if (Date.now() > deadline)
        throw new UserError(`Waited ${PATIENCE_MS / 1000} s until ${what}; it did not happen.`);
      await wait(100);
    }
  }
}
