import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { alarmsOf } from "./alarms/alarms.ts";
import { alarmsFile } from "./alarms/file.ts";
import { ROOT, resolvedConfig } from "./service/resolved-config.ts";

const FILE = "resources/alarms.yml";
/** Whose names are those without an ending. */
const STAGE = "prod";

writeFileSync(join(ROOT, FILE), alarmsFile(alarmsOf(await resolvedConfig(STAGE), STAGE)));
console.log(FILE);
