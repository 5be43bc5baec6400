import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import type { Endpoints } from "../../../scripts/local/endpoints-file.ts";
import { isListening, type LocalSystem, startSystem, temporaryFolder } from "../../support/local-system.ts";

// Each start takes seconds, many more on a busy machine, and there are two.
jest.setTimeout(240_000);

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let system: LocalSystem | undefined;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  await system?.stop();
  await folder.remove();
});

async function start(): Promise<Endpoints> {
  system = await startSystem(join(folder.path, "data"), "--no-seed");
  return system.endpoints;
}

describe("an end by force", () => {
  it("of npm start ends everything, and the data can be used again", async () => {
    const endpoints = await start();
    system?.child.kill("SIGKILL");
    const ports = [endpoints.apiUrl, endpoints.lambdaUrl, endpoints.aws.dynamodb].map((url) =>
      Number(new URL(url).port),
    );
    const deadline = Date.now() + 10_000;
    const open = async () => (await Promise.all(ports.map(isListening))).filter(Boolean).length;
    while ((await open()) > 0 && Date.now() < deadline) await wait(50);
    expect(await open()).toBe(0);
    await expect(start()).resolves.toMatchObject({ internalKey: endpoints.internalKey });
  });
});
