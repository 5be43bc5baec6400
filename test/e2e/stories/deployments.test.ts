import { describe, expect, it } from "@jest/globals";
import { runScript } from "../../support/command.ts";
import { system } from "../../support/shared-system.ts";

describe("deployments", () => {
  it("go their way from submission to worklog, as the demo shows and checks", async () => {
    const { code, output } = await runScript("deploy-demo", ["--data", system.dataDir]);
    expect({ code, output }).toMatchObject({
      code: 0,
      output: expect.stringContaining("All of it went as it should."),
    });
    expect(output).toContain(`Using the system that runs at ${system.endpoints.apiUrl}`);
  });
});
