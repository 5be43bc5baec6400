import { describe, expect, it } from "@jest/globals";
import { runScript } from "../../support/command.ts";
import { system } from "../../support/shared-system.ts";

describe("the Postman collection", () => {
  it("calls every operation as a person, as an agent and as a trusted service, and is answered as documented", async () => {
    const { code, output, errors } = await runScript("run-postman", ["--data", system.dataDir, "--prefix", "PMN"]);
    expect({ code, output, errors }).toMatchObject({ code: 0, output: expect.stringMatching(/ 0 failures /) });
  });
});
