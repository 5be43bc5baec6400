import { CALLBACK_PATH } from "../../functions/auth-edge/paths.ts";
import { type BakedConfiguration, configurationText } from "./edge-configuration.ts";

/** What is live, as the services themselves tell it. */
export interface Facts {
  /** What the stack says. */
  stack: BakedConfiguration;
  userPool: { adminsCreateUsersOnly: boolean };
  client: { userPoolId: string; hasSecret: boolean; callbackUrls: readonly string[] };
  /** The functions in the region, with their settings. */
  functions: readonly { name: string; environment: Readonly<Record<string, string | undefined>> }[];
  /** Absent where the region has no edge. */
  edge?: {
    baked: BakedConfiguration | undefined;
    /** Hashes of the package here, and of what each behaviour of the distribution runs. */
    packagedSha256: string;
    associatedSha256: readonly string[];
  };
}

/** Something that has to hold after a deploy. */
export interface Verdict {
  what: string;
  /** What is in the way, and what to do about it; undefined where nothing is. */
  problem: string | undefined;
}

const PUT_BACK = "Somebody has changed it by hand, or a deploy has ended half-way: put it back, and deploy again.";

function unless(isRight: boolean, problem: string): string | undefined {
  return isRight ? undefined : problem;
}

function settingVerdict(facts: Facts, setting: string, expected: string, what: string): Verdict {
  const others = facts.functions.filter(({ environment }) => environment[setting] !== expected);
  const listed = others.map(({ name, environment }) => `${name} (${environment[setting] ?? "nothing"})`);
  const problem = `${setting} should be ${expected}, but it is another one in ${listed.join(", ")}. ${PUT_BACK}`;
  return { what, problem: unless(others.length === 0, problem) };
}

function edgeVerdicts({ stack, edge }: Facts): Verdict[] {
  if (!edge) return [];
  const { baked, packagedSha256, associatedSha256 } = edge;
  const [is, should] = [configurationText(baked), configurationText(stack)];
  const runsPackage = associatedSha256.length > 0 && associatedSha256.every((sha256) => sha256 === packagedSha256);
  const associated = associatedSha256.join(", ") || "nothing";
  return [
    {
      what: "the edge is configured for this stack",
      problem: unless(is === should, `It has ${is}, and should have ${should}. Deploy again without ENCELADUS_EDGE.`),
    },
    {
      what: "the distribution runs the edge that was packaged",
      problem: unless(runsPackage, `It runs ${associated}, and ${packagedSha256} was packaged. ${PUT_BACK}`),
    },
  ];
}

/**
 * Whether everything that takes part in a sign-in speaks of the same user pool, client and web origin, and whether only
 * administrators make users.
 */
export function checkDeployment(facts: Facts): Verdict[] {
  const { stack, userPool, client } = facts;
  const callback = `${stack.appOrigin}${CALLBACK_PATH}`;
  const callbacks = client.callbackUrls.join(", ") || "nowhere";
  return [
    settingVerdict(facts, "COGNITO_USER_POOL_ID", stack.userPoolId, "every function knows the user pool"),
    settingVerdict(facts, "COGNITO_CLIENT_ID", stack.clientId, "every function knows the client"),
    settingVerdict(facts, "CORS_ORIGIN", stack.appOrigin, "every function takes calls of the web origin"),
    {
      what: "only administrators create users",
      problem: unless(userPool.adminsCreateUsersOnly, `Anybody may sign up at ${stack.userPoolId}. ${PUT_BACK}`),
    },
    {
      what: "the client belongs to the user pool",
      problem: unless(client.userPoolId === stack.userPoolId, `It belongs to ${client.userPoolId}. ${PUT_BACK}`),
    },
    {
      what: "the client is public",
      problem: unless(!client.hasSecret, "It has a secret, which no browser can keep: it must be made anew."),
    },
    {
      what: "sign-ins lead back to the web origin",
      problem: unless(
        client.callbackUrls.includes(callback),
        `They lead to ${callbacks}, not to ${callback}. ${PUT_BACK}`,
      ),
    },
    ...edgeVerdicts(facts),
  ];
}
