import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import * as z from "zod";
import { type LoopbackServer, serveLoopback } from "./loopback-server.ts";

/** A refusal as Lambda words it. */
export interface LambdaFailure {
  status: number;
  type: string;
}

export interface LambdaFunction {
  layers: string[];
  revision: number;
  state: string;
  lastUpdate: string;
  /** What it answers to a call. */
  answer: unknown;
  functionError?: string;
}

interface Version {
  LayerVersionArn: string;
  Version: number;
  Description: string;
  CompatibleRuntimes: string[];
  CompatibleArchitectures: string[];
}

const ACCOUNT = "arn:aws:lambda:us-east-1:123456789012";
const PREFLIGHT = { statusCode: 204, headers: {}, body: "" };

const Publish = z.object({
  Description: z.string().max(256),
  Content: z.object({ ZipFile: z.string().min(1) }),
  CompatibleRuntimes: z.array(z.string()),
  CompatibleArchitectures: z.array(z.string()),
});
const Update = z.strictObject({ Layers: z.array(z.string().regex(/:\d+$/)).max(5), RevisionId: z.string() });

/** Lambda, as far as layers and their functions go, over its real protocol. */
export class LambdaDouble {
  readonly url: string;
  readonly stop: () => void;
  readonly functions = new Map<string, LambdaFunction>();
  readonly versions: Version[] = [];
  /** `GET /path`, in order. */
  readonly calls: string[] = [];
  /** Refuses the next calls that begin like this, each once. */
  readonly failures: { call: string; failure: LambdaFailure }[] = [];
  /** Told of a change before it is made. */
  beforeUpdate: (name: string) => void = () => {};
  /** What becomes of the layers that a change asks for. */
  stored: (name: string, layers: string[]) => string[] = (_name, layers) => layers;

  private constructor({ url, stop }: LoopbackServer) {
    this.url = url;
    this.stop = stop;
  }

  static async start(): Promise<LambdaDouble> {
    const double: LambdaDouble = new LambdaDouble(
      await serveLoopback((request, body) => {
        const { status, headers, answer } = double.answer(request, body);
        return { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(answer) };
      }),
    );
    return double;
  }

  add(name: string, more: Partial<LambdaFunction> = {}): LambdaFunction {
    const added = { layers: [], revision: 1, state: "Active", lastUpdate: "Successful", answer: PREFLIGHT, ...more };
    this.functions.set(name, added);
    return added;
  }

  layerArn(name: string, version: number): string {
    return `${ACCOUNT}:layer:${name}:${version}`;
  }

  answer({ method = "GET", url = "/" }: IncomingMessage, body: string) {
    const { pathname } = new URL(url, "http://lambda");
    const call = `${method} ${pathname.replace(/^\/\d{4}-\d\d-\d\d/, "")}`;
    this.calls.push(call);
    const at = this.failures.findIndex((planned) => call.startsWith(planned.call));
    const [planned] = at < 0 ? [] : this.failures.splice(at, 1);
    if (planned) return this.#refusal(planned.failure);
    const [, kind, name = "", what] = pathname.replace(/^\/\d{4}-\d\d-\d\d/, "").split("/");
    if (kind === "layers" && what === "versions") return this.#layers(method, name, body);
    const found = this.functions.get(decodeURIComponent(name));
    if (kind !== "functions" || !found) return this.#refusal({ status: 404, type: "ResourceNotFoundException" });
    if (what === "invocations") return this.#invocation(found);
    return method === "PUT" ? this.#update(name, found, body) : this.#ok(this.#configuration(name, found));
  }

  #ok(answer: unknown, status = 200, headers: Record<string, string> = {}) {
    return { status, headers, answer };
  }

  #refusal({ status, type }: LambdaFailure) {
    return this.#ok({ Type: "User", Message: `the double says ${type}` }, status, { "x-amzn-errortype": type });
  }

  #layers(method: string, name: string, body: string) {
    if (method === "GET") {
      return this.#ok({
        LayerVersions: this.versions.filter(({ LayerVersionArn }) => LayerVersionArn.includes(`:${name}:`)),
      });
    }
    const { Content, ...described } = Publish.parse(JSON.parse(body));
    const Version = this.versions.length + 1;
    const version = { ...described, Version, LayerVersionArn: this.layerArn(name, Version) };
    // The newest comes first.
    this.versions.unshift(version);
    const zip = Buffer.from(Content.ZipFile, "base64");
    const CodeSha256 = createHash("sha256").update(zip).digest("base64");
    return this.#ok({ ...version, Content: { CodeSha256, CodeSize: zip.length } }, 201);
  }

  #configuration(name: string, { layers, revision, state, lastUpdate }: LambdaFunction) {
    return {
      FunctionName: name,
      Layers: layers.map((Arn) => ({ Arn, CodeSize: 1 })),
      RevisionId: `revision-${revision}`,
      State: state,
      LastUpdateStatus: lastUpdate,
    };
  }

  #update(name: string, found: LambdaFunction, body: string) {
    this.beforeUpdate(name);
    const { Layers, RevisionId } = Update.parse(JSON.parse(body));
    if (RevisionId !== `revision-${found.revision}`) {
      return this.#refusal({ status: 412, type: "PreconditionFailedException" });
    }
    found.layers = this.stored(name, Layers);
    found.revision += 1;
    return this.#ok(this.#configuration(name, found));
  }

  #invocation({ answer, functionError }: LambdaFunction) {
    return this.#ok(answer, 200, functionError ? { "x-amz-function-error": functionError } : {});
  }
}
