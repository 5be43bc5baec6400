import { ApiClient, type ApiRequest } from "../../scripts/api/client.ts";
import { call } from "./tracker-api.ts";

const TRACKER = "/api/v1/tracker";

/** The tracker in this process for scripts that call it by its API. */
export class InProcessApi extends ApiClient {
  constructor() {
    super({ url: "http://in-process", key: "", endpointsFile: undefined });
  }

  override async call({ method, path, body }: ApiRequest): Promise<unknown> {
    const { pathname, searchParams } = new URL(path, this.access.url);
    const query = Object.fromEntries(searchParams);
    const answer = await call(method, pathname.slice(TRACKER.length), body, { query });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  }
}
