/** Something that a package may not hold, or not do. Stable codes: other tools switch on them. */
export type ArtifactCode =
  | "DUPLICATED_DEPENDENCY"
  | "HANDLER_NOT_IN_ZIP"
  | "LAYER_LAYOUT"
  | "LIBC_MISMATCH"
  | "NATIVE_IN_FUNCTION"
  | "NATIVE_NOT_ALLOWED"
  | "PLATFORM_PACKAGE"
  | "SIZE_LIMIT"
  | "SOURCE_LEAK"
  | "UNREADABLE_INPUT"
  | "UNSAFE_ENTRY"
  | "WRONG_ARCH"
  | "WRONG_FORMAT";

export interface ArtifactFinding {
  code: ArtifactCode;
  /** The archive, and after a colon the entry in it. */
  path: string;
  detail: string;
}

/** What a check says of one entry; the guard puts the archive before it. */
export type EntryFinding = Pick<ArtifactFinding, "code" | "detail">;
