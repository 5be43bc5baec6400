import { beforeAll, describe, expect, it } from "@jest/globals";
import { newRequest, postProject } from "../../support/project-api.ts";
import { storedProject } from "../../support/project-rows.ts";
import { anyName, anyPrefix } from "../../support/projects.ts";
import { actAs } from "../../support/services.ts";

const AT_ONCE = 20;

beforeAll(() => actAs("projectService"));

/** All requests at once; which one has won, and what the others were told. */
async function race(requests: readonly ReturnType<typeof newRequest>[]) {
  const answers = await Promise.all(requests.map((request) => postProject(request)));
  const winners = requests.filter((_, index) => answers[index]?.status === 201);
  const losers = answers.filter(({ status }) => status !== 201);
  return { winners, losers };
}

describe("twenty people who create a project at once", () => {
  it("one gets the name, the others are told that it exists", async () => {
    const name = anyName();
    const requests = Array.from({ length: AT_ONCE }, () => newRequest({ name }));
    const { winners, losers } = await race(requests);
    expect(winners).toHaveLength(1);
    expect(losers.map(({ status }) => status)).toEqual(Array(AT_ONCE - 1).fill(409));
    expect(losers.every(({ body }) => body.error === `Project '${name}' already exists.`)).toBe(true);
    const [{ prefix } = { prefix: "" }] = winners;
    expect((await storedProject({ name, prefix })).project).toMatchObject({ prefix });
    for (const request of requests.filter((request) => request.prefix !== prefix)) {
      expect((await storedProject(request)).reservation).toBeUndefined();
    }
  });

  it("one gets the prefix, the others are told whose it is", async () => {
    const prefix = anyPrefix();
    const requests = Array.from({ length: AT_ONCE }, () => newRequest({ prefix }));
    const { winners, losers } = await race(requests);
    expect(winners).toHaveLength(1);
    const owner = winners[0]?.name;
    expect(losers.map(({ status }) => status)).toEqual(Array(AT_ONCE - 1).fill(409));
    expect(losers.every(({ body }) => body.error.includes(`'${prefix}'`) && body.error.includes(`'${owner}'`))).toBe(
      true,
    );
    for (const request of requests.filter(({ name }) => name !== owner)) {
      const { project, reference, document } = await storedProject(request);
      expect({ project, reference, document }).toEqual({});
    }
  });
});
