import { parameterNames, type Route, Router } from "@enceladus/middleware/router";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";

function route(method: string, path: `/${string}`, alias?: `/${string}`): Route {
  return { method, path, ...(alias && { alias }) };
}

const router = new Router<Route>([
  route("GET", "/api/v1/things"),
  route("POST", "/api/v1/things"),
  route("GET", "/api/v1/things/pending"),
  route("GET", "/api/v1/things/{id}"),
  route("PATCH", "/api/v1/things/{thingId}", "/old/{id}"),
  route("POST", "/api/v1/things/{id}/parts/{part}"),
  route("GET", "/api/v1/things/special/parts"),
]);

function found(path: string) {
  const match = router.find(path);
  return match && { methods: [...match.byMethod.keys()], values: match.values };
}

describe("a path leads to its operations", () => {
  it.each([
    ["/api/v1/things", ["GET", "POST"], []],
    ["/things", ["GET", "POST"], []],
    ["/api/v1/things/pending", ["GET"], []],
    ["/api/v1/things/5", ["GET", "PATCH"], ["5"]],
    ["/old/5", ["PATCH"], ["5"]],
    ["/api/v1/things/5/parts/6", ["POST"], ["5", "6"]],
    ["/api/v1/things/special/parts", ["GET"], []],
    ["/api/v1/things/special/parts/6", ["POST"], ["special", "6"]],
    ["/api/v1/things/a%2Fb", ["GET", "PATCH"], ["a/b"]],
    ["/api/v1/things/100%25", ["GET", "PATCH"], ["100%"]],
    ["/api/v1/things/%E0%A4%A", ["GET", "PATCH"], ["%E0%A4%A"]],
  ])("%s", (path, methods, values) => {
    expect(found(path)).toStrictEqual({ methods, values });
  });

  it.each([
    "/",
    "/api/v1",
    "/api/v2/things",
    "/api/v1/thing",
    "/api/v1/things/5/parts",
    "/api/v1/things/5/6/7",
    "//things",
    "/api/v1//things",
    "",
  ])("%j leads nowhere", (path) => {
    expect(found(path)).toBeUndefined();
  });

  it("gives every value back as it was encoded", () => {
    const value = fc.string({ minLength: 1, unit: "grapheme" }).filter((text) => !["pending", "."].includes(text));
    fc.assert(
      fc.property(value, (id) => {
        expect(found(`/api/v1/things/${encodeURIComponent(id)}`)?.values).toStrictEqual([id]);
      }),
    );
  });

  it("never throws, whatever the path is", () => {
    const segments = fc.array(
      fc.constantFrom(
        "api",
        "v1",
        "things",
        "special",
        "parts",
        "",
        ".",
        "..",
        "*",
        "**",
        ":p0",
        "%",
        "__proto__",
        "constructor",
      ),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          segments.map((all) => `/${all.join("/")}`),
        ),
        (path) => void router.find(path),
      ),
    );
  });
});

describe("the parameters of a template", () => {
  it("come in the order of the path", () => {
    expect(parameterNames("/a/{b}/c/{dE}")).toStrictEqual(["b", "dE"]);
  });
});
