export type BinaryFormat = "ELF" | "Mach-O" | "PE";

/** How the files of compiled code begin, on each system. */
const MAGIC: Readonly<Record<string, BinaryFormat>> = {
  "7f454c46": "ELF",
  feedface: "Mach-O",
  feedfacf: "Mach-O",
  cefaedfe: "Mach-O",
  cffaedfe: "Mach-O",
  cafebabf: "Mach-O",
};

/** Both Mach-O files for several processors and Java classes begin with it. */
const FAT_OR_JAVA = "cafebabe";
/** What follows is a count of processors in the one, and in the other a version, which has been 45 or more ever since. */
const FIRST_JAVA_VERSION = 45;

const NATIVE_NAME = /\.(?:node|so(?:\.\d{1,9}){0,8}|dylib|dll|exe)$/i;

function isWindowsProgram(file: Buffer): boolean {
  if (file.length < 0x40 || file.toString("latin1", 0, 2) !== "MZ") return false;
  const headerAt = file.readUInt32LE(0x3c);
  return file.toString("latin1", headerAt, headerAt + 4) === "PE\0\0";
}

/** For which kind of system a file is compiled, by its content; undefined for everything that is no compiled code. */
export function binaryFormat(bytes: Uint8Array): BinaryFormat | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = file.toString("hex", 0, 4);
  if (start === FAT_OR_JAVA) {
    const isJava = file.length >= 8 && file.readUInt32BE(4) >= FIRST_JAVA_VERSION;
    return isJava ? undefined : "Mach-O";
  }
  return MAGIC[start] ?? (isWindowsProgram(file) ? "PE" : undefined);
}

/** The ending of a name that only compiled code has; undefined for other names. */
export function nativeEnding(path: string): string | undefined {
  return NATIVE_NAME.exec(path)?.[0];
}
