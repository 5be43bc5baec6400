import { dirname, join, relative } from "node:path";
import type { Plugin } from "esbuild";

/**
 * Turns the builds that serverless-esbuild makes, one for each function, into one for all: the libraries that they have
 * in common are read and parsed once, which is most of the work. The first build makes every bundle, the others make
 * none; whoever waits for them waits for all together.
 * @param handlers the functions' `handler`s in serverless.yml
 */
export function bundleAllAtOnce(handlers: () => readonly string[]): Plugin {
  let first: string | undefined;
  return {
    name: "all-at-once",
    setup({ initialOptions: options }) {
      const entries = handlers().map((handler) => handler.replace(/\.\w+$/, ".ts"));
      const [entry = ""] = options.entryPoints as string[];
      if (!entries.includes(entry)) return;
      first ??= entry;
      options.entryPoints = entry === first ? entries : [];
      options.outbase = ".";
      // It ends with the folder of the one entry.
      options.outdir = join(options.outdir ?? "", relative(dirname(entry), "."));
    },
  };
}
