/** How the files of compiled code begin, on each system. */
const MAGIC: readonly (readonly [kind: string, bytes: string])[] = [
  ["ELF", "7f454c46"],
  ["Mach-O", "feedface"],
  ["Mach-O", "feedfacf"],
  ["Mach-O", "cefaedfe"],
  ["Mach-O", "cffaedfe"],
  ["Mach-O", "cafebabe"],
  ["Mach-O", "cafebabf"],
];
const NAME = /\.(node|so(\.\d+)*|dylib|dll|exe)$/;

function isWindowsProgram(bytes: Uint8Array): boolean {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.toString("latin1", 0, 2) !== "MZ" || file.length < 0x40) return false;
  const headerAt = file.readUInt32LE(0x3c);
  return file.toString("latin1", headerAt, headerAt + 4) === "PE\0\0";
}

/**
 * What makes a file compiled code for one system, which fails to load on another one; undefined for every other file.
 * The content says more than the name does: a library that was renamed is a library.
 */
export function nativeKind(path: string, bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.subarray(0, 4)).toString("hex");
  const known = MAGIC.find(([, magic]) => magic === start);
  if (known) return known[0];
  if (isWindowsProgram(bytes)) return "PE";
  return NAME.exec(path)?.[0];
}
