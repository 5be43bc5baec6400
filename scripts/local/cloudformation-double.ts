import { buffer } from "node:stream/consumers";
import { createKeepAliveServer, LOOPBACK, listen } from "./ports.ts";

const xmlText = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

function errorXml(code: string, message: string): string {
  return `<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${xmlText(message)}</Message></Error><RequestId>local</RequestId></ErrorResponse>`;
}

/** CloudFormation of an account in which nothing is deployed. It ends with the process and does not keep it alive. */
export async function startCloudFormation() {
  const server = createKeepAliveServer(async (request, response) => {
    const parameters = new URLSearchParams((await buffer(request)).toString());
    const answer =
      parameters.get("Action") === "DescribeStacks"
        ? errorXml("ValidationError", `Stack with id ${parameters.get("StackName")} does not exist`)
        : errorXml("InvalidAction", `The local CloudFormation has no ${parameters.get("Action")}.`);
    response.writeHead(400, { "content-type": "text/xml" });
    response.end(answer);
  });
  const url = `http://${LOOPBACK}:${await listen(server, 0)}`;
  server.unref();
  server.on("connection", (socket) => socket.unref());
  return { url };
}
