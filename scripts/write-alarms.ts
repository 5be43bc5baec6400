import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { alarmsOf } from "./alarms/alarms.ts";
import { alarmsFile } from "./alarms/file.ts";
import { type ResolvedConfig, ROOT, resolvedConfig } from "./service/resolved-config.ts";

export const ALARMS_FILE = "resources/alarms.yml";
/** Whose names are those without an ending. */
const STAGE = "prod";

/** @param config as it is resolved for production */
export function writeAlarms(config: ResolvedConfig): void {
  writeFileSync(join(ROOT, ALARMS_FILE), alarmsFile(alarmsOf(config, STAGE)));
}

if (import.meta.main) {
  writeAlarms(await resolvedConfig(STAGE));
  console.log(ALARMS_FILE);
}
