/** What the sign-in pages know of the one app client. */
export interface SignInClient {
  clientId: string;
  /** Where a code may be sent to. */
  callbackUrls: readonly string[];
  /** Where people may go after they have signed out. */
  logoutUrls: readonly string[];
  scopes: readonly string[];
}

/** What a login asks for where the client declares nothing. */
const DEFAULT_SCOPES = ["openid", "email", "profile"];
const CALLBACK_PATH = "/enceladus/callback";
const HOME_PATH = "/enceladus/";

const list = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);

/** The declared addresses, and the same paths at the local API. */
function withLocal(declared: readonly string[], apiOrigin: string | undefined, localPath: string): string[] {
  if (!apiOrigin) return [...declared];
  const local = declared.map((url) => `${apiOrigin}${new URL(url).pathname}`);
  return [...new Set([...declared, ...local, `${apiOrigin}${localPath}`])];
}

/**
 * The client as its CloudFormation resource declares it, which may be used from the local API as well.
 * @param properties of `AWS::Cognito::UserPoolClient`, references resolved
 */
export function signInClient(
  clientId: string,
  properties: Readonly<Record<string, unknown>>,
  apiOrigin: string | undefined,
): SignInClient {
  const scopes = list(properties.AllowedOAuthScopes);
  return {
    clientId,
    callbackUrls: withLocal(list(properties.CallbackURLs), apiOrigin, CALLBACK_PATH),
    logoutUrls: withLocal(list(properties.LogoutURLs), apiOrigin, HOME_PATH),
    scopes: scopes.length > 0 ? scopes : DEFAULT_SCOPES,
  };
}
