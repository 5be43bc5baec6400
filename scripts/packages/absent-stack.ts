import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const ANSWER = `<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">
<Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack does not exist</Message></Error>
<RequestId>00000000-0000-0000-0000-000000000000</RequestId></ErrorResponse>`;

/** A CloudFormation that knows no stack, at `url` until it is stopped. */
export interface AbsentStack {
  url: string;
  stop: () => void;
}

/**
 * Packaging asks CloudFormation whether the layer has changed since the last deploy. This answers in place of AWS that
 * nothing was ever deployed, so that packaging needs neither an account nor a network.
 */
export async function absentStack(): Promise<AbsentStack> {
  const server = createServer((request, response) => {
    request.resume().once("end", () => response.writeHead(400, { "Content-Type": "text/xml" }).end(ANSWER));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, stop: () => server.close() };
}
