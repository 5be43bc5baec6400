import { readFileSync, statSync } from "node:fs";
import { crc32, inflateRawSync } from "node:zlib";

export const MAX_ZIP_BYTES = 50 * 1024 * 1024;
export const MAX_UNZIPPED_BYTES = 250 * 1024 * 1024;

/** A file in an archive, as the archive's directory tells of it. */
export interface Entry {
  path: string;
  /** What is wrong with it as an entry, if anything: then it is not to be unpacked. */
  problem?: string;
  /** Bytes of its content. @throws Error when it is not what the directory says */
  read(): Buffer;
}

export interface Archive {
  zipBytes: number;
  /** As the directory says; no more than that is ever unpacked. */
  unzippedBytes: number;
  entries: readonly Entry[];
}

const SIGNATURE = { local: 0x04034b50, central: 0x02014b50, end: 0x06054b50 } as const;
const BYTES = { local: 30, central: 46, end: 22 } as const;
const LONGEST_COMMENT = 0xffff;
const ENCRYPTED = 1;
const METHOD = { stored: 0, deflated: 8 } as const;
const MADE_ON_UNIX = 3;
const FILE_TYPE = 0o170000;
const SYMBOLIC_LINK = 0o120000;
const MOST_ENTRIES = 100_000;

function endRecord(zip: Buffer): number {
  const earliest = Math.max(0, zip.length - BYTES.end - LONGEST_COMMENT);
  for (let at = zip.length - BYTES.end; at >= earliest; at -= 1) {
    if (zip.readUInt32LE(at) === SIGNATURE.end) return at;
  }
  throw new Error("it is no zip file");
}

function pathProblem(path: string): string | undefined {
  if (/^(?:\/|[A-Za-z]:)/.test(path) || path.includes("\\") || path.includes("\0")) return "its path is not relative";
  return path.split("/").includes("..") ? "its path leads out of the package" : undefined;
}

interface Header {
  path: string;
  flags: number;
  method: number;
  checksum: number;
  zippedBytes: number;
  bytes: number;
  isLink: boolean;
  localAt: number;
  nextAt: number;
}

function headerAt(zip: Buffer, at: number): Header {
  if (zip.readUInt32LE(at) !== SIGNATURE.central) throw new Error("its directory is broken");
  const nameEnd = at + BYTES.central + zip.readUInt16LE(at + 28);
  return {
    path: zip.toString("utf8", at + BYTES.central, nameEnd),
    flags: zip.readUInt16LE(at + 8),
    method: zip.readUInt16LE(at + 10),
    checksum: zip.readUInt32LE(at + 16),
    zippedBytes: zip.readUInt32LE(at + 20),
    bytes: zip.readUInt32LE(at + 24),
    isLink: zip[at + 5] === MADE_ON_UNIX && ((zip.readUInt32LE(at + 38) >>> 16) & FILE_TYPE) === SYMBOLIC_LINK,
    localAt: zip.readUInt32LE(at + 42),
    nextAt: nameEnd + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32),
  };
}

function contentOf(zip: Buffer, { path, flags, method, checksum, zippedBytes, bytes, localAt }: Header): Buffer {
  if ((flags & ENCRYPTED) !== 0) throw new Error("it is encrypted");
  if (zip.readUInt32LE(localAt) !== SIGNATURE.local) throw new Error("it is not where the directory says");
  const nameEnd = localAt + BYTES.local + zip.readUInt16LE(localAt + 26);
  // Who unpacks by what stands before the content would get another file than who goes by the directory.
  if (zip.toString("utf8", localAt + BYTES.local, nameEnd) !== path) throw new Error("it has two names");
  const start = nameEnd + zip.readUInt16LE(localAt + 28);
  const zipped = zip.subarray(start, start + zippedBytes);
  if (method !== METHOD.stored && method !== METHOD.deflated) throw new Error(`its method ${method} is not known`);
  // Never more than it says it is, however much is packed into it.
  const content = method === METHOD.stored ? zipped : inflateRawSync(zipped, { maxOutputLength: Math.max(1, bytes) });
  if (content.length !== bytes || crc32(content) !== checksum) throw new Error("it is not what the directory says");
  return content;
}

function entryOf(zip: Buffer, header: Header, isRepeated: boolean): Entry {
  const problem =
    pathProblem(header.path) ??
    (header.isLink ? "it is a symbolic link" : undefined) ??
    (isRepeated ? "it is in the package more than once" : undefined);
  return { path: header.path, ...(problem && { problem }), read: () => contentOf(zip, header) };
}

/**
 * The directory of a zip file, folders left out. Nothing is unpacked before an entry is read, and no entry becomes
 * larger than it says it is.
 * @throws Error when it is no zip file, or of a kind that Lambda has no use for (several disks, more than 4 GB)
 */
export function openArchive(file: string): Archive {
  const zipBytes = statSync(file).size;
  if (zipBytes > MAX_ZIP_BYTES * 8) throw new Error(`it has ${zipBytes} bytes, too many to look at`);
  const zip = readFileSync(file);
  const end = endRecord(zip);
  const count = zip.readUInt16LE(end + 10);
  const directoryAt = zip.readUInt32LE(end + 16);
  if (count > MOST_ENTRIES || directoryAt + zip.readUInt32LE(end + 12) !== end) {
    throw new Error("its directory is broken");
  }
  const seen = new Set<string>();
  const entries: Entry[] = [];
  let unzippedBytes = 0;
  for (let at = directoryAt, left = count; left > 0; left -= 1) {
    const header = headerAt(zip, at);
    at = header.nextAt;
    unzippedBytes += header.bytes;
    if (header.path.endsWith("/") && header.bytes === 0) continue;
    entries.push(entryOf(zip, header, seen.has(header.path)));
    seen.add(header.path);
  }
  return { zipBytes, unzippedBytes, entries };
}
