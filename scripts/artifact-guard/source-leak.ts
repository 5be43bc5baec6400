import { ISSUED_SECRETS } from "../secrets-guard/patterns.ts";
import type { EntryFinding } from "./finding.ts";

/** Names of what belongs to those who write the code, and to nobody who runs it. */
const LEAKS: readonly (readonly [what: string, name: RegExp])[] = [
  ["a test", /(?:^|\/)(?:__tests__|__mocks__|tests?)\/|\.(?:test|spec)\.[cm]?[jt]sx?$/],
  ["settings", /(?:^|\/)\.env(?:\.[^/]*)?$/],
  ["a repository", /(?:^|\/)\.git(?:\/|$)/],
  ["credentials", /(?:^|\/)(?:\.npmrc|\.netrc|\.aws\/.*|credentials(?:\.json)?|id_(?:rsa|dsa|ecdsa|ed25519))$/],
  ["a key", /\.(?:pem|key|p12|pfx|jks)$/],
];

/** Both in files of their own and at the end of scripts. */
const SOURCES_CONTENT = /"sourcesContent"\s{0,4}:\s{0,4}\[\s{0,4}"/;
const INLINE_MAP = /sourceMappingURL=data:application\/json[^,]{0,64};base64,([A-Za-z0-9+/=]{16,})/;

function inlineMap(text: string): string {
  const [, encoded = ""] = INLINE_MAP.exec(text) ?? [];
  return Buffer.from(encoded, "base64").toString("utf8");
}

/** Whatever a package tells of its sources, or of secrets, that is not needed to run it. */
export function sourceLeak(path: string, bytes: Buffer): EntryFinding[] {
  const [byName] = LEAKS.find(([, name]) => name.test(path)) ?? [];
  if (byName) return [{ code: "SOURCE_LEAK", detail: byName }];
  const text = bytes.toString("latin1");
  if (path.endsWith(".map") ? SOURCES_CONTENT.test(text) : SOURCES_CONTENT.test(inlineMap(text))) {
    return [{ code: "SOURCE_LEAK", detail: "a source map that holds the sources" }];
  }
  const secret = ISSUED_SECRETS.find(({ pattern }) => pattern.test(text));
  return secret ? [{ code: "SOURCE_LEAK", detail: secret.what }] : [];
}
