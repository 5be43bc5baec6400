import { closeServer, createKeepAliveServer, LOOPBACK, listen } from "../ports.ts";

/**
 * Where the SDK takes calls to the services that are not here: the answer says so, and nothing leaves the machine.
 */
export async function startElsewhere() {
  const server = createKeepAliveServer((request, response) => {
    request.resume();
    const asked = request.headers["x-amz-target"] ?? `${request.method} ${request.url}`;
    const message = `There is no local stand-in for the AWS service of ${asked} (scripts/local/aws-services.ts).`;
    response.writeHead(400, { "content-type": "application/json", "x-amzn-errortype": "NotAvailableLocally" });
    response.end(JSON.stringify({ __type: "NotAvailableLocally", message }));
  });
  return { url: `http://${LOOPBACK}:${await listen(server, 0)}`, stop: () => closeServer(server) };
}
