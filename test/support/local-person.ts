import { CognitoIdentityProviderClient, InitiateAuthCommand } from "@aws-sdk/client-cognito-identity-provider";
import type { LocalUser } from "../../scripts/local/cognito.ts";

export interface SignInAt {
  /** Address of the local user pool. */
  cognito: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  clientId: string;
  user: Pick<LocalUser, "username" | "password"> | undefined;
}

/** Tokens of a session of their own: what a test does to them concerns nobody else. */
export async function newSession({ cognito, region, credentials, clientId, user }: SignInAt) {
  const client = new CognitoIdentityProviderClient({ region, endpoint: cognito, credentials });
  const AuthParameters = { USERNAME: user?.username ?? "", PASSWORD: user?.password ?? "" };
  const { AuthenticationResult } = await client.send(
    new InitiateAuthCommand({ AuthFlow: "USER_PASSWORD_AUTH", ClientId: clientId, AuthParameters }),
  );
  return { idToken: AuthenticationResult?.IdToken ?? "", refreshToken: AuthenticationResult?.RefreshToken ?? "" };
}
