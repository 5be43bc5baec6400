import { gatewayEvent } from "../../scripts/packages/gateway-event.ts";
import { type Credentials, HEADERS } from "../requests.ts";

const PATH = "/api/v1/documents";

/** The requests of the document API on one project, as events of the gateway. */
export class DocumentRequests {
  readonly #projectId: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(projectId: string, credentials: Credentials) {
    this.#projectId = projectId;
    // Answers are read here as they are.
    this.#headers = { ...HEADERS, ...credentials, "accept-encoding": "identity" };
  }

  #event(method: string, path: string, parts: { body?: unknown; query?: Readonly<Record<string, string>> } = {}) {
    return gatewayEvent({ method, path: `${PATH}${path}`, headers: this.#headers, ...parts });
  }

  put(content: string) {
    const body = { project_id: this.#projectId, title: "A document of the bench", content, keywords: ["bench"] };
    return this.#event("PUT", "", { body });
  }

  get(documentId: string) {
    return this.#event("GET", `/${documentId}`);
  }

  list() {
    return this.#event("GET", "", { query: { project: this.#projectId } });
  }

  search(query: Readonly<Record<string, string>>) {
    return this.#event("GET", "/search", { query: { project: this.#projectId, ...query } });
  }
}
