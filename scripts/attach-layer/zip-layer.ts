import { globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { zipSync } from "fflate";

/** The first that a zip file can say, in the time of the machine, as zip files have it. */
const MTIME = "1980-01-01T00:00:00";

/**
 * A built layer as one zip file, the same bytes for the same content.
 * @param directory what is laid out under /opt
 */
export function zipLayer(directory: string): Uint8Array {
  const files = globSync("**/*", { cwd: directory })
    .filter((file) => statSync(join(directory, file)).isFile())
    .sort();
  return zipSync(Object.fromEntries(files.map((file) => [file, new Uint8Array(readFileSync(join(directory, file)))])), {
    mtime: new Date(MTIME),
    level: 9,
  });
}
