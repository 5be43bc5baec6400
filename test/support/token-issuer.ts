import { createHmac, generateKeyPairSync, type KeyObject, randomUUID, sign } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export type Claims = Readonly<Record<string, unknown>>;
export type Header = Readonly<Record<string, unknown>>;

const POOL = "us-east-1_Test00000";
const CLIENT = "test-client";

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** Header and payload as they are signed. */
export function signingInput(header: Header, claims: Claims): string {
  return `${encoded(header)}.${encoded(claims)}`;
}

function rsaSigned(input: string, key: KeyObject): string {
  return `${input}.${sign("sha256", Buffer.from(input), key).toString("base64url")}`;
}

/** A user pool with a throw-away key of its own, whose public half is served over HTTP on loopback. */
export class TokenIssuer {
  readonly kid = randomUUID();
  readonly clientId = CLIENT;
  readonly poolId = POOL;
  readonly issuer: string;
  readonly #pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
  readonly #stop: () => void;

  private constructor(issuer: string, stop: () => void, answer: { body: string }) {
    this.issuer = issuer;
    this.#stop = stop;
    answer.body = JSON.stringify({ keys: [this.publicJwk()] });
  }

  static async start(): Promise<TokenIssuer> {
    const answer = { body: "" };
    const server = createServer((_request, response) => {
      response.setHeader("Content-Type", "application/json").end(answer.body);
    });
    server.listen(0, "127.0.0.1").unref();
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    return new TokenIssuer(`http://127.0.0.1:${port}/${POOL}`, () => server.close(), answer);
  }

  stop(): void {
    this.#stop();
  }

  publicJwk() {
    return { ...this.#pair.publicKey.export({ format: "jwk" }), kid: this.kid, alg: "RS256", use: "sig" };
  }

  /** The settings of a function that accepts this issuer. */
  environment(): Record<string, string> {
    return {
      ENCELADUS_LOCAL: "true",
      COGNITO_USER_POOL_ID: POOL,
      COGNITO_CLIENT_ID: CLIENT,
      COGNITO_ISSUER: this.issuer,
      COGNITO_JWKS_URL: `${this.issuer}/.well-known/jwks.json`,
    };
  }

  /** The claims of an id token that is good for an hour. */
  claims(changes: Claims = {}): Claims {
    const now = Math.floor(Date.now() / 1000);
    return {
      iss: this.issuer,
      aud: CLIENT,
      token_use: "id",
      sub: "11111111-2222-4333-8444-555555555555",
      email: "ada@example.com",
      "cognito:username": "ada",
      iat: now,
      exp: now + 3_600,
      ...changes,
    };
  }

  /** A token signed with the key of the pool; `undefined` leaves a claim or a header field out. */
  token(claims: Claims = {}, header: Header = {}): string {
    return this.signed(this.claims(claims), header);
  }

  signed(claims: Claims, header: Header = {}): string {
    return rsaSigned(signingInput({ alg: "RS256", kid: this.kid, ...header }, claims), this.#pair.privateKey);
  }

  /** Signed with a key of somebody else under the kid of the pool. */
  signedByStranger(): string {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    return rsaSigned(signingInput({ alg: "RS256", kid: this.kid }, this.claims()), privateKey);
  }

  /** HS256 with the public key as the secret: what a library that trusts `alg` would accept. */
  signedWithPublicKey(): string {
    const input = signingInput({ alg: "HS256", kid: this.kid }, this.claims());
    const secret = this.#pair.publicKey.export({ type: "spki", format: "pem" });
    return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
  }
}
