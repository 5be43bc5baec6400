import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { unzipSync } from "fflate";
import type { PackagedFunction, PackagedService } from "./package-service.ts";

/** The entries of a zip file, folders left out. */
export function zipEntries(file: string): [path: string, bytes: Uint8Array][] {
  return Object.entries(unzipSync(readFileSync(file))).filter(([path]) => !path.endsWith("/"));
}

/** Writes the content of a zip file below a folder; returns its bytes. */
export function unpack(file: string, directory: string): number {
  let bytes = 0;
  for (const [path, content] of zipEntries(file)) {
    const target = join(directory, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
    bytes += content.byteLength;
  }
  return bytes;
}

/** A packaged function as Lambda lays it out. */
export interface UnpackedFunction extends PackagedFunction {
  /** Like /var/task. */
  task: string;
  zipBytes: number;
  unzippedBytes: number;
}

export interface UnpackedService {
  /** What Lambda sets NODE_PATH to, for the part that is the layer's. */
  nodePath: string;
  layerZipBytes: number;
  layerUnzippedBytes: number;
  functions: readonly UnpackedFunction[];
}

/**
 * Lays all packages out as Lambda does, a folder for each function and one like /opt.
 * @param directory outside the repository, so that nothing is found by accident in its node_modules
 */
export function unpackService(service: PackagedService, directory: string): UnpackedService {
  const opt = join(directory, "opt");
  return {
    nodePath: join(opt, "nodejs/node_modules"),
    layerZipBytes: statSync(service.layerZip).size,
    layerUnzippedBytes: unpack(service.layerZip, opt),
    functions: service.functions.map((packaged) => {
      const task = join(directory, "task", packaged.key);
      return {
        ...packaged,
        task,
        zipBytes: statSync(packaged.zip).size,
        unzippedBytes: unpack(packaged.zip, task),
      };
    }),
  };
}
