import { afterAll, beforeAll } from "@jest/globals";
import { type LocalUser, type LocalUserPool, startCognito } from "../../scripts/local/cognito.ts";
import { temporaryFolder } from "./local-system.ts";

/** The pool of `localUserPool`, its client, and the web app that it sends people back to. */
export const POOL = { userPoolId: "us-east-1_Test00000", clientId: "test-client", apiOrigin: "http://127.0.0.1:3000" };

/** Runs a user pool with its sign-in pages for the tests of a file, apart from the one that all share. */
export function localUserPool() {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let pool: LocalUserPool;

  beforeAll(async () => {
    folder = await temporaryFolder();
    pool = await startCognito({
      ...POOL,
      dataDir: folder.path,
      userPool: { UserPoolName: "test" },
      client: { ClientName: "web", IdTokenValidity: 1, TokenValidityUnits: { IdToken: "hours" } },
      passwordsIn: "endpoints.json",
    });
  });

  afterAll(async () => {
    await pool.stop();
    await folder.remove();
  });

  return {
    url: () => pool.url,
    issuer: () => pool.issuer,
    user: (index: 0 | 1): LocalUser => {
      const found = pool.users[index];
      if (!found) throw new Error(`the local user pool has no user ${index}`);
      return found;
    },
  };
}
