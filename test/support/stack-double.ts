import type { BakedConfiguration } from "../../scripts/deploy/edge-configuration.ts";
import { type LoopbackServer, serveLoopback } from "./loopback-server.ts";

interface Answer {
  status: number;
  body: string;
}

/** An account with one stack, as far as its edge is concerned: what it answers about the stack and the client. */
export class StackDouble {
  readonly url: string;
  readonly stop: () => void;
  #stack: Answer = { status: 500, body: "" };
  #client: Answer = { status: 500, body: "" };

  private constructor({ url, stop }: LoopbackServer) {
    this.url = url;
    this.stop = stop;
  }

  static async start(): Promise<StackDouble> {
    const double: StackDouble = new StackDouble(
      await serveLoopback((_request, asked) => {
        const isCognito = asked.startsWith("{");
        const { status, body } = double.answer(isCognito);
        return { status, headers: { "content-type": isCognito ? "application/x-amz-json-1.1" : "text/xml" }, body };
      }),
    );
    return double;
  }

  answer(isCognito: boolean): Answer {
    return isCognito ? this.#client : this.#stack;
  }

  /** From now on there is a stack whose edge should be configured like this. */
  deploy({ userPoolId, clientId, cognitoDomain, appOrigin }: BakedConfiguration): void {
    this.outputs({ UserPoolId: userPoolId, UserPoolClientId: clientId, SignInOrigin: cognitoDomain });
    this.callbacks(`${appOrigin}/enceladus/callback`);
  }

  outputs(outputs: Readonly<Record<string, string>>): void {
    const members = Object.entries(outputs).map(
      ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
    );
    const stack = `<member><StackName>s</StackName><Outputs>${members.join("")}</Outputs></member>`;
    const result = `<DescribeStacksResult><Stacks>${stack}</Stacks></DescribeStacksResult>`;
    this.#stack = { status: 200, body: `<DescribeStacksResponse>${result}</DescribeStacksResponse>` };
  }

  callbacks(...CallbackURLs: string[]): void {
    this.#client = { status: 200, body: JSON.stringify({ UserPoolClient: { CallbackURLs } }) };
  }

  refuseStack(code: string, message: string): void {
    const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
    this.#stack = { status: 400, body: `<ErrorResponse>${error}</ErrorResponse>` };
  }

  refuseClient(code: string, message: string): void {
    this.#client = { status: 400, body: JSON.stringify({ __type: code, message }) };
  }
}
