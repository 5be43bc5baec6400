import { MAX_UNZIPPED_BYTES, openArchive } from "../artifact-guard/archive.ts";
import { contentDigest } from "../layer/layer-file.ts";

/** Lambda takes the handler from a file with one of these endings. */
const MODULE_ENDINGS = [".cjs", ".js", ".mjs"];

/** What an archive holds. */
export interface Content {
  /** Lower-case hex. */
  digest: string;
  hasHandler: boolean;
}

/**
 * Says whether two packages hold the same: paths and contents alone, whatever the archives say of times and rights.
 * @throws Error when it is no archive, or one that must not be unpacked
 */
export function contentOf(zip: string, handler?: string): Content {
  const { entries, unzippedBytes } = openArchive(zip);
  if (unzippedBytes > MAX_UNZIPPED_BYTES) throw new Error(`it has ${unzippedBytes} bytes, too many to be a package`);
  const unsafe = entries.find(({ problem }) => problem);
  if (unsafe) throw new Error(`${unsafe.path}: ${unsafe.problem}`);
  const files = entries.filter(({ path }) => !path.endsWith("/"));
  const module = handler?.replace(/\.[^./]+$/, "");
  return {
    digest: contentDigest(files.map((entry) => ({ path: entry.path, text: entry.read() }))),
    hasHandler: !module || files.some(({ path }) => MODULE_ENDINGS.some((ending) => path === `${module}${ending}`)),
  };
}
