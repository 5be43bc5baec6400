/** Something that the person at the keyboard can put right; its message is all they need to see. */
export class UserError extends Error {
  override name = "UserError";
}
