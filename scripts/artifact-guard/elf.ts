/** What an ELF file says of the system that it needs. */
export interface ElfFacts {
  is64Bit: boolean;
  machine: number;
  /** The loader it asks for; empty for a library. */
  interpreter: string;
  /** The libraries that it needs. */
  needed: readonly string[];
  /** The versions of their symbols that it needs, `GLIBC_2.34`. */
  versions: readonly string[];
}

const SEGMENT = { load: 1, dynamic: 2, interpreter: 3 } as const;
const TAG = { end: 0n, needed: 1n, strings: 5n, versionNeeds: 0x6ffffffen, versionNeedCount: 0x6fffffffn } as const;
const HEADER_BYTES = 64;
const SEGMENT_BYTES = 56;
const ENTRY_BYTES = 16;
/** Far more than any library has: a file that says more is no library. */
const MOST_VERSIONS = 4_096;
const MOST_ENTRIES = 4_096;
const LONGEST_NAME = 4_096;

interface Segment {
  type: number;
  offset: number;
  address: number;
  bytes: number;
}

function segmentsOf(file: Buffer): Segment[] {
  const at = Number(file.readBigUInt64LE(32));
  const size = file.readUInt16LE(54);
  const count = file.readUInt16LE(56);
  if (count > 0 && size < SEGMENT_BYTES) throw new Error("its program headers are too small");
  return Array.from({ length: count }, (_, index) => {
    const start = at + index * size;
    return {
      type: file.readUInt32LE(start),
      offset: Number(file.readBigUInt64LE(start + 8)),
      address: Number(file.readBigUInt64LE(start + 16)),
      bytes: Number(file.readBigUInt64LE(start + 32)),
    };
  });
}

function textAt(file: Buffer, offset: number): string {
  const end = file.indexOf(0, offset);
  if (offset < 0 || end < 0 || end - offset > LONGEST_NAME) throw new Error("a name in it has no end");
  return file.toString("latin1", offset, end);
}

/** Where in the file something lies that is loaded at an address. */
function offsetOf(segments: readonly Segment[], address: number): number {
  const within = segments.find(
    (segment) =>
      segment.type === SEGMENT.load && address >= segment.address && address < segment.address + segment.bytes,
  );
  if (!within) throw new Error("it refers to what is not in it");
  return within.offset + (address - within.address);
}

function* dynamicEntries(file: Buffer, { offset, bytes }: Segment): Generator<[tag: bigint, value: number]> {
  if (bytes > MOST_ENTRIES * ENTRY_BYTES) throw new Error("its dynamic section is larger than any library's");
  for (let at = offset; at + ENTRY_BYTES <= offset + bytes; at += ENTRY_BYTES) {
    const tag = file.readBigInt64LE(at);
    if (tag === TAG.end) return;
    yield [tag, Number(file.readBigUInt64LE(at + 8))];
  }
}

/** The versions of symbols, walked along as the loader does: each library's entry, and in it each version's. */
function versionNames(file: Buffer, start: number, libraries: number, strings: number): string[] {
  const names: string[] = [];
  let library = start;
  for (let left = libraries; left > 0; left -= 1) {
    let version = library + file.readUInt32LE(library + 8);
    for (let count = file.readUInt16LE(library + 2); count > 0; count -= 1) {
      if (names.length >= MOST_VERSIONS) throw new Error("it needs more versions than any library has");
      names.push(textAt(file, strings + file.readUInt32LE(version + 8)));
      version += file.readUInt32LE(version + 12);
    }
    const next = file.readUInt32LE(library + 12);
    if (next === 0) break;
    library += next;
  }
  return names;
}

function dynamicFacts(file: Buffer, segments: readonly Segment[]): Pick<ElfFacts, "needed" | "versions"> {
  const dynamic = segments.find(({ type }) => type === SEGMENT.dynamic);
  if (!dynamic) return { needed: [], versions: [] };
  const entries = [...dynamicEntries(file, dynamic)];
  const entryOf = (wanted: bigint) => entries.find(([tag]) => tag === wanted)?.[1];
  const stringsAddress = entryOf(TAG.strings);
  if (stringsAddress === undefined) return { needed: [], versions: [] };
  const strings = offsetOf(segments, stringsAddress);
  const needs = entryOf(TAG.versionNeeds);
  const count = Math.min(entryOf(TAG.versionNeedCount) ?? 0, MOST_VERSIONS);
  return {
    needed: entries.filter(([tag]) => tag === TAG.needed).map(([, name]) => textAt(file, strings + name)),
    versions: needs === undefined ? [] : versionNames(file, offsetOf(segments, needs), count, strings),
  };
}

/**
 * Reads what a compiled file says of itself, by what the loader goes by (its segments), which is there even when it was
 * stripped. Of 32-bit and big-endian files no more than that is read.
 * @throws Error when it is broken: whatever it says then counts for nothing
 */
export function readElf(bytes: Uint8Array): ElfFacts {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isLittleEndian = file[5] === 1;
  const machine = isLittleEndian ? file.readUInt16LE(18) : file.readUInt16BE(18);
  const is64Bit = file[4] === 2;
  if (!is64Bit || !isLittleEndian) return { is64Bit: false, machine, interpreter: "", needed: [], versions: [] };
  if (file.length < HEADER_BYTES) throw new Error("its header is cut off");
  const segments = segmentsOf(file);
  const interpreter = segments.find(({ type }) => type === SEGMENT.interpreter);
  return {
    is64Bit,
    machine,
    interpreter: interpreter ? textAt(file, interpreter.offset) : "",
    ...dynamicFacts(file, segments),
  };
}
