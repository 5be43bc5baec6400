import { eventWorker } from "@enceladus/middleware/event-worker";
import { keepUp } from "./upkeep.ts";

export const handler = eventWorker(keepUp);
