/** Something that the person at the keyboard can put right; its message is all they need to see. */
export class LocalError extends Error {
  override name = "LocalError";
}
