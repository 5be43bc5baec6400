import { httpFunction } from "@enceladus/middleware/http-function";
import { operations } from "./operations.ts";

export const handler = httpFunction(operations);
