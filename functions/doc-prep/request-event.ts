import type { ApiGatewayEvent } from "@enceladus/middleware/http-event";

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

const FOLDER = "doc-prep";

/** The project that an event names, percent-encoded; empty where it names none. */
function encodedName(event: Fields): string {
  const named = text(fieldsOf(event.pathParameters).projectName);
  // Half a character has no encoding; what stands for it then is no name of a project either.
  if (named !== "") return encodeURIComponent(named.toWellFormed());
  const http = fieldsOf(fieldsOf(event.requestContext).http);
  const path = text(event.rawPath) || text(http.path) || text(event.path);
  const segments = path.split("/").filter((segment) => segment !== "");
  const last = segments.at(-1) ?? "";
  const isFolder = last === FOLDER && segments.at(-2) !== FOLDER;
  return isFolder ? "" : last;
}

/**
 * The event as the gateway sends it, from whoever invokes the function with one: anything but the method may be absent,
 * null or of another type. The project is the parameter of the path, else the path's last segment.
 */
export function requestEvent(sent: unknown): ApiGatewayEvent {
  const event = fieldsOf(sent);
  const context = fieldsOf(event.requestContext);
  const method = text(fieldsOf(context.http).method) || text(event.httpMethod);
  // A blank name stays in the path, so that it is refused as a name and not as a path.
  const rawPath = `/api/v1/${FOLDER}/${encodedName(event) || "%20"}`;
  const { body = "" } = event;
  return {
    version: "2.0",
    rawPath,
    headers: fieldsOf(event.headers) as Record<string, string>,
    body: typeof body === "string" || body === null ? body : JSON.stringify(body),
    isBase64Encoded: event.isBase64Encoded === true,
    requestContext: { stage: "$default", requestId: text(context.requestId), http: { method, path: rawPath } },
  };
}
