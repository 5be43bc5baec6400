import type { HttpHandler } from "@enceladus/middleware/http-function";
import { beforeAll, describe, expect, it } from "@jest/globals";
import pLimit from "p-limit";
import { trackerContainers } from "../../support/containers.ts";
import { anyName, anyPrefix, makeProject } from "../../support/projects.ts";
import { call, create, LEAST, patch, pathOf, read, set, type TrackerAnswer, walk } from "../../support/tracker-api.ts";
import { chainOf, expectAllIntact, expectIntact, putRow, rowsOf, stored } from "../../support/tracker-rows.ts";

let project: string;
/** Within one container checkouts of a record wait for each other; these know nothing of each other. */
let containers: readonly HttpHandler[];

beforeAll(async () => {
  project = (await makeProject()).project_id;
  containers = await trackerContainers(8);
});

const containerOf = (index: number) => containers[index % containers.length] as HttpHandler;

/** Lambda gives each request a container of its own; this process has connections for so many of them. */
const AT_ONCE = 50;

/** So many requests, all sent at once. */
const times = <Result>(count: number, work: (index: number) => Promise<Result>): Promise<Result[]> => {
  const inContainer = pLimit(AT_ONCE);
  return Promise.all(Array.from({ length: count }, (_, index) => inContainer(() => work(index))));
};
const statuses = (answers: readonly TrackerAnswer[]) => {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};
const numbers = (ids: readonly string[]) => ids.map((id) => Number(id.split("-").at(-1))).sort((a, b) => a - b);
const oneTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe("creating at once", () => {
  it("500 records gives 500 different, consecutive ids", async () => {
    const { project_id } = await makeProject();
    const answers = await times(500, () => call("POST", `/${project_id}/task`, LEAST.task));
    expect(statuses(answers)).toEqual({ 201: 500 });
    expect(numbers(answers.map(({ body }) => body.record_id))).toEqual(oneTo(500));
    expect((await rowsOf(project_id)).filter(({ record_type }) => record_type === "task")).toHaveLength(500);
  }, 60_000);

  it("120 records where 500 is the highest id and there is no counter gives 501 to 620", async () => {
    const { project_id, prefix } = await makeProject({ name: anyName(), prefix: anyPrefix() });
    for (const number of ["001", "099", "500"]) {
      const item_id = `${prefix}-TSK-${number}`;
      await putRow({
        project_id,
        record_id: `task#${item_id}`,
        record_type: "task",
        item_id,
        title: "old",
        status: "open",
      });
    }
    const ids = await times(120, () => create(project_id, "task"));
    expect(numbers(ids)).toEqual(oneTo(620, 501));
  }, 30_000);

  it("30 records that relate to one target, which names all of them then", async () => {
    const target = await create(project, "issue");
    const answers = await times(30, () => call("POST", `/${project}/task`, { ...LEAST.task, related: [target] }));
    expect(statuses(answers)).toEqual({ 201: 30 });
    for (const { body } of answers) expect(body).not.toHaveProperty("bidi_warnings");
    const ids = answers.map(({ body }) => body.record_id);
    const row = await stored(project, target);
    expect((row.related_task_ids as string[]).toSorted()).toEqual(ids.toSorted());
    expect(row.sync_version).toBe(31);
    await expectIntact(project, row);
    for (const id of ids) await expectIntact(project, await stored(project, id));
  }, 30_000);
});

describe("one claim", () => {
  it("of 200 at once is granted, all others are told who has it", async () => {
    const id = await create(project, "task");
    const answers = await times(200, (index) =>
      call("POST", `${pathOf(project, id)}/checkout`, { provider: `agent ${index}` }, { via: containerOf(index) }),
    );
    expect(statuses(answers)).toEqual({ 200: 1, 409: 199 });
    const holder = answers.find(({ status }) => status === 200)?.body.active_agent_session_id;
    for (const { status, body } of answers) {
      if (status === 200) expect(body.lease).toMatchObject({ fence: 1 });
      else expect(body).toMatchObject({ reason: "SESSION_LOCKED", holder: { session_id: holder } });
    }
    const row = await stored(project, id);
    expect(row).toMatchObject({ fence: 1, sync_version: 2, active_agent_session_id: holder });
    await expectIntact(project, row);
  }, 30_000);

  it("of an expired lease is granted to one of many", async () => {
    const id = await create(project, "task");
    await set(project, id, "active_agent_session", true, { provider: "dead" });
    await putRow({ ...(await stored(project, id)), lease_expires_at: "2026-01-01T00:00:00Z" });
    const answers = await times(40, (index) =>
      call("POST", `${pathOf(project, id)}/checkout`, { provider: `agent ${index}` }, { via: containerOf(index) }),
    );
    expect(statuses(answers)).toEqual({ 200: 1, 409: 39 });
    expect((await stored(project, id)).fence).toBe(2);
  });

  it("after another: in rounds of claims and releases every grant has a higher fence", async () => {
    const id = await create(project, "task");
    const fences: number[] = [];
    for (let round = 0; round < 12; round += 1) {
      const answers = await times(6, (index) =>
        call("POST", `${pathOf(project, id)}/checkout`, { provider: `agent ${index}` }, { via: containerOf(index) }),
      );
      const granted = answers.filter(({ status }) => status === 200);
      expect(granted).toHaveLength(1);
      const { lease, active_agent_session_id } = (granted as [TrackerAnswer])[0].body;
      fences.push((lease as { fence: number }).fence);
      const released = await times(6, (index) =>
        call("DELETE", `${pathOf(project, id)}/checkout`, { provider: `agent ${index}` }),
      );
      // Whoever comes after the holder releases what is free already.
      expect(released.every(({ status }) => status === 200 || status === 409)).toBe(true);
      expect(released[Number(String(active_agent_session_id).split(" ")[1])]?.status).toBe(200);
    }
    expect(fences).toEqual(oneTo(12));
    await expectIntact(project, await stored(project, id));
  }, 30_000);

  it("and release, wildly mixed, never grants one fence twice", async () => {
    const id = await create(project, "task");
    const answers = await times(60, (index) => {
      const path = `${pathOf(project, id)}/checkout`;
      return index % 2 === 0
        ? call("POST", path, { provider: `agent ${index}` }, { via: containerOf(index) })
        : call("DELETE", path, {});
    });
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
    const fences = answers.flatMap(({ body }) => (body.lease ? [(body.lease as { fence: number }).fence] : []));
    expect(new Set(fences).size).toBe(fences.length);
    const row = await stored(project, id);
    expect(row.fence).toBe(Math.max(...fences));
    await expectIntact(project, row);
  }, 30_000);
});

describe("changing one record at once", () => {
  it("in different fields loses nothing", async () => {
    const id = await create(project, "task");
    const answers = await times(20, (index) => patch(project, id, { field: `field_${index}`, value: index }));
    expect(statuses(answers)).toEqual({ 200: 20 });
    const row = await stored(project, id);
    for (const index of oneTo(19, 0)) expect(row[`field_${index}`]).toBe(index);
    expect(row.sync_version).toBe(21);
    await expectIntact(project, row);
  }, 30_000);

  it("with logs keeps every one of 25", async () => {
    const id = await create(project, "task");
    const answers = await times(25, (index) =>
      call("POST", `${pathOf(project, id)}/log`, { description: `log ${index}` }),
    );
    expect(statuses(answers)).toEqual({ 200: 25 });
    const { history } = await read(project, id);
    expect(
      history
        .slice(1)
        .map(({ description }) => description)
        .toSorted(),
    ).toEqual(
      oneTo(24, 0)
        .map((index) => `log ${index}`)
        .toSorted(),
    );
    const row = await stored(project, id);
    expect(row.sync_version).toBe(26);
    await expectIntact(project, row);
  }, 30_000);

  it("in its status lets one move win; the others are refused or are valid after it", async () => {
    for (let round = 0; round < 5; round += 1) {
      const id = await create(project, "task");
      await walk(project, id, "in-progress");
      const moves = ["coding-complete", "open", "coding-complete", "open"];
      const answers = await times(moves.length, (index) =>
        patch(project, id, {
          field: "status",
          value: moves[index],
          transition_evidence: { revert_reason: "changed my mind" },
        }),
      );
      for (const { status, body } of answers) {
        if (status === 409)
          expect(body).toMatchObject({
            reason: "VERSION_CONFLICT",
            error: expect.stringContaining("modified concurrently"),
          });
        else if (status !== 200) expect(body.error).toContain("Invalid status transition");
      }
      expect(answers.some(({ status }) => status === 200)).toBe(true);
      const steps = (await chainOf(project, id)).flatMap(({ changes, seq }) =>
        seq > 2 ? changes.filter(({ field }) => field === "status") : [],
      );
      const legal = new Set(["in-progress>coding-complete", "in-progress>open", "coding-complete>in-progress"]);
      for (const { from, to } of steps) expect(legal).toContain(`${from}>${to}`);
      await expectIntact(project, await stored(project, id));
    }
  }, 30_000);

  it("by closing it closes it once", async () => {
    const id = await create(project, "task");
    const answers = await times(20, () => patch(project, id, { action: "close" }, { as: "person" }));
    for (const { status, body } of answers) {
      if (status === 409) expect(body.error).toContain("modified concurrently");
      else expect([status, body.updated_status]).toEqual([200, "closed"]);
    }
    const row = await stored(project, id);
    expect(row).toMatchObject({ status: "closed", sync_version: 2 });
    await expectIntact(project, row);
  });

  it("with notes of people loses none that was accepted", async () => {
    const id = await create(project, "task");
    const answers = await times(10, (index) => patch(project, id, { action: "note", note: `note ${index}` }));
    const accepted = answers.flatMap(({ status }, index) => (status === 200 ? [`note ${index}`] : []));
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
    const { update } = await read(project, id);
    expect(String(update).split("\n\n").toSorted()).toEqual(accepted.toSorted());
  });

  it("by everything that there is fails nothing and breaks no chain", async () => {
    const { project_id } = await makeProject();
    const ids = await times(4, (index) => create(project_id, index % 2 === 0 ? "task" : "feature"));
    const operations: ((id: string, index: number) => Promise<TrackerAnswer>)[] = [
      (id, index) => patch(project_id, id, { field: "priority", value: `P${index % 4}` }),
      (id) => patch(project_id, id, { action: "close" }),
      (id) => patch(project_id, id, { action: "reopen" }),
      (id, index) => patch(project_id, id, { action: "note", note: `note ${index}` }),
      (id) => patch(project_id, id, { field: "status", value: "in-progress" }),
      (id, index) => call("POST", `${pathOf(project_id, id)}/log`, { description: `log ${index}` }),
      (id, index) => call("POST", `${pathOf(project_id, id)}/checkout`, { provider: `agent ${index}` }),
      (id) => call("DELETE", `${pathOf(project_id, id)}/checkout`, {}),
      (id, index) =>
        call("POST", `${pathOf(project_id, id)}/acceptance-evidence`, { criterion_index: index % 2, evidence: "x" }),
      (id) => call("POST", `/${project_id}/issue`, { ...LEAST.issue, related: ids.concat(id) }),
      (id) => patch(project_id, id, { field: "parent", value: ids[0] === id ? "" : ids[0] }),
    ];
    const answers = await times(110, (index) => {
      const id = ids[index % ids.length] ?? "";
      return (operations[(index * 7) % operations.length] as (typeof operations)[0])(id, index);
    });
    expect(answers.filter(({ status }) => status >= 500).map(({ text }) => text)).toEqual([]);
    expect(answers.filter(({ status }) => status === 404)).toEqual([]);
    const rows = await expectAllIntact(project_id);
    expect(rows.length).toBeGreaterThan(4);
  }, 60_000);
});
