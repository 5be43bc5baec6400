import { readConfiguration } from "./configuration.ts";
import { createHandler } from "./create-handler.ts";

// The build of the deployed bundle replaces the variable by a constant; only on a laptop it is one of the environment.
export const handler = createHandler(readConfiguration(process.env.ENCELADUS_EDGE));
