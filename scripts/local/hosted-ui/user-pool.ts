/** Tokens as a user pool issues them. */
export interface IssuedTokens {
  idToken: string;
  accessToken: string;
  refreshToken: string;
}

/** What the sign-in pages need of the user pool behind them. */
export interface SignInPool {
  /** The mail addresses of those who can sign in. */
  usernames(): Promise<string[]>;
  /** @returns the name that the pool knows this person by; undefined where name and password do not fit */
  checkPassword(username: string, password: string): Promise<string | undefined>;
  /**
   * New tokens for somebody who has signed in.
   * @param nonce goes into the id token
   * @returns undefined where there is no such person any more
   */
  issueTokens(username: string, nonce: string | undefined): Promise<IssuedTokens | undefined>;
  /** Ends a refresh token. One that is over or was never issued is no error (RFC 7009, 2.2). */
  revoke(refreshToken: string): Promise<void>;
}
