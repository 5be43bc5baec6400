import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "@jest/globals";

const ROOT = resolve(import.meta.dirname, "../../..");

/** What went wrong with sign-ins, each the reason for a rule. */
const LESSONS = {
  F1: "a verifier that was built for another system",
  F2: "a missing setting that looked like nobody being signed in",
  F3: "cookies that the gateway moves to a field of the event",
  F4: "a function that is set to another pool than the one that issues the tokens",
  F5: "a pool in which anybody could sign up",
  F6: "a cookie whose path never leads to where it is read",
  F7: "a cookie that the app's own fetches did not carry",
  F8: "a script that was redirected into the HTML of the sign-in page",
  F9: "answers from before the sign-in that a cache gave after it",
  F10: "writes that refused a bad session in another way than reads",
  F11: "a way back that was lost in the spelling of base64",
  F12: "a session clock that trusted the clock of the browser",
  F13: "a dead token that a page refreshed in circles",
  F14: "refusals that could not be diagnosed",
  F15: "a release that nobody had signed in to",
  F16: "an address within the app that led to no page",
};

/** The lessons that titles of tests and suites name: `F6, F7: ...`. */
function named(): Set<string> {
  const files = globSync("test/**/*.test.ts", { cwd: ROOT }).filter((file) => !file.endsWith("lessons.test.ts"));
  const titles = files.flatMap((file) => [
    ...readFileSync(join(ROOT, file), "utf8").matchAll(/\(\s*["'`]((?:F\d+(?:, )?)+):/g),
  ]);
  return new Set(titles.flatMap(([, lessons = ""]) => lessons.split(", ")));
}

describe("every lesson of the sign-in", () => {
  it.each(Object.entries(LESSONS))("%s (%s) has a test that is named for it", (lesson) => {
    expect([...named()]).toContain(lesson);
  });
});
