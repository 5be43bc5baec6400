import { JsonWebKeys } from "@enceladus/shared/json-web-keys";
import { beforeEach, describe, expect, it } from "@jest/globals";

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

/** A clock and an issuer, both in the hands of the test. */
let now: number;
let fetched: number;
let answer: () => Promise<Response>;
let keys: JsonWebKeys;

const serving = (kid: string) => () => Promise.resolve(Response.json({ keys: [{ kid, kty: "RSA" }] }));
const down = () => Promise.reject(new Error("connection refused"));
const current = async () => (await keys.current()).keys.map(({ kid }) => kid);
const refreshed = async () => (await keys.refreshed())?.keys.map(({ kid }) => kid);
const unavailable = { code: "UNAVAILABLE", retryAfterSeconds: 1 };

beforeEach(() => {
  now = 1_700_000_000 * SECOND;
  fetched = 0;
  answer = serving("one");
  keys = new JsonWebKeys({
    url: "https://issuer.example.com/jwks.json",
    timeoutMs: 5_000,
    now: () => now,
    fetch: (async () => {
      fetched += 1;
      return answer();
    }) as typeof fetch,
  });
});

describe("the keys of an issuer", () => {
  it("are fetched once an hour", async () => {
    expect(await current()).toStrictEqual(["one"]);
    answer = serving("two");
    now += HOUR - 1;
    expect(await current()).toStrictEqual(["one"]);
    expect(fetched).toBe(1);
    now += 1;
    expect(await current()).toStrictEqual(["two"]);
    expect(fetched).toBe(2);
  });

  it("are fetched once for all who wait for them", async () => {
    await Promise.all([keys.current(), keys.current(), keys.refreshed()]);
    expect(fetched).toBe(1);
  });

  it("bridge an issuer that is down, for a day", async () => {
    await current();
    answer = down;
    now += 24 * HOUR - 1;
    expect(await current()).toStrictEqual(["one"]);
    now += 1;
    await expect(keys.current()).rejects.toMatchObject(unavailable);
  });

  it("do not make every caller wait for an issuer that hangs", async () => {
    await current();
    answer = down;
    now += 2 * HOUR;
    await current();
    await current();
    expect(fetched).toBe(2);
    now += 30 * SECOND;
    answer = serving("two");
    expect(await current()).toStrictEqual(["two"]);
  });

  it.each<[string, () => Promise<Response>]>([
    ["is down", down],
    ["answers 500", () => Promise.resolve(new Response("", { status: 500 }))],
    ["answers no JSON", () => Promise.resolve(new Response("<html>"))],
    ["answers no keys", () => Promise.resolve(Response.json({ message: "no" }))],
    ["answers null", () => Promise.resolve(Response.json(null))],
  ])("cannot be had when the issuer %s: 503, and the next call tries again", async (_what, failing) => {
    answer = failing;
    await expect(keys.current()).rejects.toMatchObject(unavailable);
    answer = serving("one");
    expect(await current()).toStrictEqual(["one"]);
  });
});

describe("a forced refetch, for an unknown key id", () => {
  it("finds a rotated key at once", async () => {
    await current();
    answer = serving("two");
    expect(await refreshed()).toStrictEqual(["two"]);
    expect(await current()).toStrictEqual(["two"]);
  });

  it("happens once in 60 seconds, however many unknown ids come", async () => {
    await current();
    await refreshed();
    now += 60 * SECOND - 1;
    expect(await refreshed()).toBeUndefined();
    expect(fetched).toBe(2);
    now += 1;
    await refreshed();
    expect(fetched).toBe(3);
  });

  it("that fails is a 503, and counts as the one of its minute", async () => {
    await current();
    answer = down;
    await expect(keys.refreshed()).rejects.toMatchObject(unavailable);
    expect(await refreshed()).toBeUndefined();
    expect(await current()).toStrictEqual(["one"]);
  });
});
