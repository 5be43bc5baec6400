import { DomainError, type DomainErrorOptions, type ErrorCode } from "@enceladus/shared/errors";

/** A refusal that changes the caller's cookies too, such as one that takes a dead token away. */
export class RefusalWithCookies extends DomainError {
  readonly cookies: readonly string[];

  constructor(code: ErrorCode, message: string, cookies: readonly string[], options: DomainErrorOptions = {}) {
    super(code, message, {}, options);
    this.cookies = cookies;
  }
}
