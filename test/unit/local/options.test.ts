import { describe, expect, it } from "@jest/globals";
import { javaMajorVersion } from "../../../scripts/local/java.ts";
import { readOptions } from "../../../scripts/local/options.ts";

describe("options of npm start", () => {
  it("has defaults", () => {
    expect(readOptions({}, "/repository")).toEqual({
      port: 3000,
      lambdaPort: 3002,
      dataDir: "/repository/.local",
      fresh: false,
      seed: true,
      longestQueueDelay: 3,
    });
  });

  it("reads what is given, and ignores the framework's own", () => {
    const given = {
      ...{ port: "4000", data: "/elsewhere", fresh: true, seed: false, "queue-delay": "60" },
      ...{ stage: "dev", region: undefined },
    };
    expect(readOptions(given, "/repository")).toEqual({
      port: 4000,
      lambdaPort: 4002,
      dataDir: "/elsewhere",
      fresh: true,
      seed: false,
      longestQueueDelay: 60,
    });
  });

  it.each(["abc", "0", "-1", "1.5", "65534", ""])("refuses the port %j", (port) => {
    expect(() => readOptions({ port }, "/")).toThrow("--port: must be a port from 1 to 65533");
  });

  it.each(["abc", "-1", "1.5", "901", "1000", ""])("refuses the delay %j", (delay) => {
    expect(() => readOptions({ "queue-delay": delay }, "/")).toThrow(
      "--queue-delay: must be a number of seconds from 0 to 900",
    );
  });

  it("refuses a data folder without a name", () => {
    expect(() => readOptions({ data: " " }, "/")).toThrow("--data: must name a folder");
  });
});

describe("the version of Java", () => {
  it.each([
    ['openjdk version "17.0.15" 2025-04-15', 17],
    ['openjdk version "11" 2018-09-25', 11],
    ['java version "1.8.0_292"', 8],
    ['openjdk version "26-ea" 2027-03-16', 26],
    ["The operation couldn’t be completed. Unable to locate a Java Runtime.", undefined],
  ])("%s is %s", (output, version) => {
    expect(javaMajorVersion(output)).toBe(version);
  });
});
