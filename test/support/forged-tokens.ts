import { signingInput, type TokenIssuer } from "./token-issuer.ts";

const now = () => Math.floor(Date.now() / 1000);

/** Tokens that must be refused, with what the message says of each. */
export const FORGED_TOKENS: readonly [name: string, message: string, forge: (issuer: TokenIssuer) => string][] = [
  ["garbage", "Invalid token", () => "garbage"],
  ["two parts", "Invalid token", (issuer) => issuer.token().split(".").slice(0, 2).join(".")],
  ["four parts", "Invalid token", (issuer) => `${issuer.token()}.x`],
  ["an empty signature", "Invalid token", (issuer) => issuer.token().replace(/[^.]+$/, "")],
  ["a payload that is no object", "Invalid token", (issuer) => issuer.token().replace(/\.[^.]+\./, ".W10.")],
  ["a header that is no JSON", "Invalid token", (issuer) => issuer.token().replace(/^[^.]+/, "AAAA")],
  ["more than 8,192 characters", "Invalid token", (issuer) => issuer.token({ padding: "x".repeat(9_000) })],
  ["alg none", "Unexpected token algorithm", (issuer) => `${signingInput({ alg: "none" }, issuer.claims())}.AA`],
  ["no alg", "Unexpected token algorithm", (issuer) => issuer.token({}, { alg: undefined })],
  ["alg RS512", "Unexpected token algorithm", (issuer) => issuer.token({}, { alg: "RS512" })],
  ["HS256 with the public key", "Unexpected token algorithm", (issuer) => issuer.signedWithPublicKey()],
  ["another kid", "Token key ID not found", (issuer) => issuer.token({}, { kid: "another" })],
  ["no kid", "Token key ID not found", (issuer) => issuer.token({}, { kid: undefined })],
  ["a kid that is no text", "Token key ID not found", (issuer) => issuer.token({}, { kid: 5 })],
  ["a stranger's signature", "Token validation failed", (issuer) => issuer.signedByStranger()],
  [
    "claims changed after signing",
    "Token validation failed",
    (issuer) => {
      const [header, , signature] = issuer.token().split(".");
      return `${header}.${issuer.token({ sub: "somebody-else" }).split(".")[1]}.${signature}`;
    },
  ],
  ["nbf in the future", "Token validation failed", (issuer) => issuer.token({ nbf: now() + 120 })],
  ["iat in the future", "Token validation failed", (issuer) => issuer.token({ iat: now() + 120 })],
  ["nbf that is no number", "Token validation failed", (issuer) => issuer.token({ nbf: "soon" })],
  ["expired", "expired", (issuer) => issuer.token({ exp: now() - 1 })],
  ["no exp", "expired", (issuer) => issuer.token({ exp: undefined })],
  ["exp that is no number", "expired", (issuer) => issuer.token({ exp: "never" })],
  ["another issuer", "issuer", (issuer) => issuer.token({ iss: "https://issuer.example.com" })],
  ["no issuer", "issuer", (issuer) => issuer.token({ iss: undefined })],
  ["another audience", "audience", (issuer) => issuer.token({ aud: "another-client" })],
  ["no audience", "audience", (issuer) => issuer.token({ aud: undefined })],
  ["an access token", "Token use", (issuer) => issuer.token({ token_use: "access" })],
  ["no token use", "Token use", (issuer) => issuer.token({ token_use: undefined })],
];
