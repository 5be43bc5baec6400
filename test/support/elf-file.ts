/** What an ELF file made for a test says of itself. */
export interface ElfParts {
  machine?: number;
  /** 1 for 32-bit, 2 for 64-bit. */
  bits?: 1 | 2;
  interpreter?: string;
  needed?: readonly string[];
  /** Versions of libc's symbols. */
  versions?: readonly string[];
}

const BASE_ADDRESS = 0x10000;
const HEADER = 64;
const SEGMENT = 56;

/** A text table, and where in it each text is. */
function textTable(texts: readonly string[]): { bytes: Buffer; at: (text: string) => number } {
  const offsets = new Map<string, number>();
  let bytes = Buffer.from([0]);
  for (const text of texts) {
    offsets.set(text, bytes.length);
    bytes = Buffer.concat([bytes, Buffer.from(`${text}\0`)]);
  }
  return { bytes, at: (text) => offsets.get(text) ?? 0 };
}

function versionNeeds(versions: readonly string[], at: (text: string) => number): Buffer {
  if (versions.length === 0) return Buffer.alloc(0);
  const bytes = Buffer.alloc(16 + versions.length * 16);
  bytes.writeUInt16LE(1, 0);
  bytes.writeUInt16LE(versions.length, 2);
  bytes.writeUInt32LE(at("libc.so.6"), 4);
  bytes.writeUInt32LE(16, 8);
  versions.forEach((version, index) => {
    const start = 16 + index * 16;
    bytes.writeUInt32LE(at(version), start + 8);
    bytes.writeUInt32LE(index === versions.length - 1 ? 0 : 16, start + 12);
  });
  return bytes;
}

function dynamicSection(entries: readonly (readonly [tag: number, value: number])[]): Buffer {
  const bytes = Buffer.alloc(entries.length * 16);
  entries.forEach(([tag, value], index) => {
    bytes.writeBigInt64LE(BigInt(tag), index * 16);
    bytes.writeBigUInt64LE(BigInt(value), index * 16 + 8);
  });
  return bytes;
}

/** A small ELF library as a linker lays one out: one segment that is loaded, and in it what the loader looks at. */
export function elfFile({
  machine = 0xb7,
  bits = 2,
  interpreter = "",
  needed = [],
  versions = [],
}: ElfParts = {}): Buffer {
  const strings = textTable([...needed, "libc.so.6", ...versions]);
  const needs = versionNeeds(versions, strings.at);
  const path = Buffer.from(`${interpreter}\0`);
  const segments = interpreter ? 3 : 2;
  const pathAt = HEADER + segments * SEGMENT;
  const stringsAt = pathAt + path.length;
  const needsAt = stringsAt + strings.bytes.length;
  const dynamicAt = needsAt + needs.length;
  const dynamic = dynamicSection([
    ...needed.map((name) => [1, strings.at(name)] as const),
    [5, BASE_ADDRESS + stringsAt],
    ...(versions.length > 0
      ? ([
          [0x6ffffffe, BASE_ADDRESS + needsAt],
          [0x6fffffff, 1],
        ] as const)
      : []),
    [0, 0],
  ]);
  const end = dynamicAt + dynamic.length;
  const header = Buffer.alloc(HEADER + segments * SEGMENT);
  header.set([0x7f, 0x45, 0x4c, 0x46, bits, 1, 1]);
  header.writeUInt16LE(3, 16);
  header.writeUInt16LE(machine, 18);
  header.writeBigUInt64LE(BigInt(HEADER), 32);
  header.writeUInt16LE(SEGMENT, 54);
  header.writeUInt16LE(segments, 56);
  const table = [[1, 0, end], [2, dynamicAt, dynamic.length], ...(interpreter ? [[3, pathAt, path.length]] : [])];
  table.forEach(([type = 0, offset = 0, size = 0], index) => {
    const start = HEADER + index * SEGMENT;
    header.writeUInt32LE(type, start);
    header.writeBigUInt64LE(BigInt(offset), start + 8);
    header.writeBigUInt64LE(BigInt(BASE_ADDRESS + offset), start + 16);
    header.writeBigUInt64LE(BigInt(size), start + 32);
  });
  return Buffer.concat([header, path, strings.bytes, needs, dynamic]);
}
