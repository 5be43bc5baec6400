import { clearedCookie, clearedSession, sessionCookies } from "@enceladus/middleware/session-cookies";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";

const nameOf = (cookie: string) => cookie.split("=")[0];
const attributesOf = (cookie: string) =>
  cookie
    .split("; ")
    .slice(1)
    .filter((part) => !part.startsWith("Max-Age"));

describe("F6, F7: the cookies of a session", () => {
  it("are set to the letter", () => {
    expect(sessionCookies({ idToken: "a.b.c", refreshToken: "r/+=" }, 1_700_000_000_123)).toEqual([
      "enceladus_id_token=a.b.c; Path=/; Secure; HttpOnly; SameSite=None; Max-Age=3600",
      "enceladus_session_at=1700000000123; Path=/enceladus; Secure; SameSite=None; Max-Age=3600",
      "enceladus_refresh_token=r%2F%2B%3D; Path=/; Secure; HttpOnly; SameSite=None; Max-Age=2592000",
    ]);
  });

  it("F12: hold the server's clock with every id token", () => {
    expect(sessionCookies({ idToken: "a.b.c" }, 5).map(nameOf)).toEqual(["enceladus_id_token", "enceladus_session_at"]);
    expect(sessionCookies({ idToken: "a.b.c", refreshToken: "" }, 5)).toHaveLength(2);
  });

  it("are cleared with the very attributes with which they were set, or they would stay", () => {
    const set = sessionCookies({ idToken: "a.b.c", refreshToken: "r" }, 5);
    const cleared = clearedSession();
    expect(cleared.map(nameOf)).toEqual(set.map(nameOf));
    expect(cleared.map(attributesOf)).toEqual(set.map(attributesOf));
    for (const cookie of cleared) expect(cookie).toMatch(/^[a-z_]+=; .*; Max-Age=0$/);
    expect(clearedCookie("enceladus_refresh_token")).toBe(cleared[2]);
  });

  it("hold any token without a character that would end the cookie or its line", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary-ascii" }), (token) => {
        for (const cookie of sessionCookies({ idToken: token, refreshToken: token }, 5)) {
          expect(cookie.split("; ")[0]).toMatch(/^[a-z_]+=[^;,\s]*$/);
        }
      }),
    );
  });
});
