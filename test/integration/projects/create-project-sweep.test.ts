import { beforeAll, expect, it } from "@jest/globals";
import { sweepFaults } from "../../support/fault-sweep.ts";
import { newRequest, postProject } from "../../support/project-api.ts";
import { storedProject } from "../../support/project-rows.ts";
import { makeProject } from "../../support/projects.ts";
import { actAs } from "../../support/services.ts";

/** Two checks read at once, then the parent's; transaction, document, event. */
const CALLS = 7;

let parent: string;

beforeAll(async () => {
  actAs("projectService");
  parent = (await makeProject()).project_id;
});

it("is all there or not there at all, whichever AWS call fails or loses its answer", async () => {
  const swept = await sweepFaults({
    arrange: async () => newRequest({ parent }),
    act: async (request) => {
      const { status, body } = await postProject(request);
      if (status !== 201) throw new Error(body.error);
      return body.project;
    },
    invariants: async (request, outcome) => {
      const { document, ...rows } = await storedProject(request);
      const thereIs = Object.values(rows).filter((row) => row !== undefined).length;
      expect(thereIs).toBe(outcome.status === "fulfilled" ? 3 : 0);
      if (outcome.status === "fulfilled") expect(document).toContain(request.name);
    },
    retry: async (request) => {
      const again = await postProject(request);
      expect([201, 409]).toContain(again.status);
      const { project, document } = await storedProject(request);
      expect(project).toMatchObject({ project_id: request.name, prefix: request.prefix });
      expect(document).toContain(request.name);
    },
  });
  expect(swept).toEqual({ refused: expect.any(Number), "answer lost": expect.any(Number), "answer lost once": CALLS });
  expect(swept.refused).toBeGreaterThanOrEqual(CALLS);
}, 120_000);
