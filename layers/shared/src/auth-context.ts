/** Who makes a call, as the credential says; never as the body claims. */
export interface AuthContext {
  mode: "cognito" | "internal-key";
  /** The subject of the id token, or `internal-key`. */
  sub: string;
  email?: string;
  username?: string;
  /** The claims of the verified token; empty for a key. */
  claims: Readonly<Record<string, unknown>>;
}
