import type { HttpHandler } from "@enceladus/middleware/http-function";
import { expect } from "@jest/globals";
import type { HistoryEntry } from "../../../domain/tracker/history.ts";
import type { TrackerAnswer } from "../tracker-api.ts";
import { chainOf, expectIntact } from "../tracker-rows.ts";
import { type Asked, send } from "./asked.ts";
import { count } from "./counted.ts";
import { CLOSED, FIRST, isLegal, type ModelType, moveBetween } from "./lifecycle.ts";
import type { Picture } from "./picture.ts";
import { differences, pictured, type Rows, storedRows } from "./rows.ts";
import { resolve, type Step } from "./steps.ts";
import { inTrouble, type Trouble } from "./trouble.ts";

/** Something that is asked at the same time as other things. */
export interface Entrant {
  step: Step;
  container: number;
  /** Whether it is sent twice, under one key. */
  isSentTwice: boolean;
}

interface Run {
  asked: Asked;
  answers: TrackerAnswer[];
}

/** What the history says of a call that was carried out; of what may turn out to be done already there may be nothing. */
function operationsOf({ what, ...asked }: Asked): { names: string[]; mayBeNone: boolean } {
  const names: Readonly<Partial<Record<Asked["what"], string[]>>> = {
    relations: ["update"],
    field: ["update"],
    edges: ["update"],
    evidence: ["acceptance_evidence"],
    checkout: ["checkout", "checkout_forced"],
    claim: ["checkout"],
    depend: ["dependency"],
    undepend: ["dependency"],
    action: ["action" in asked ? asked.action : ""],
  };
  const isNothing = ["heartbeat", "read", "explain", "history", "list", "ready"].includes(what);
  const mayBeNone = what === "action" && "action" in asked && asked.action !== "note";
  return { names: isNothing ? [] : (names[what] ?? [what]), mayBeNone };
}

/** Whether an answer says that something was changed. */
function saysDone({ what }: Asked, { status }: TrackerAnswer): boolean {
  return what === "depend" ? status === 201 : status < 300;
}

/** How many entries of an operation there may be, at least and at most. */
function expectedEntries(runs: readonly Run[]): Map<string, [number, number]> {
  const expected = new Map<string, [number, number]>();
  for (const { asked, answers } of runs) {
    const { names, mayBeNone } = operationsOf(asked);
    const isDone = answers.some((answer) => saysDone(asked, answer));
    const isOpen =
      answers.every(({ status }) => status >= 500 || status === 409) && answers.some(({ status }) => status >= 500);
    const name = names[0] ?? "";
    const [least, most] = expected.get(name) ?? [0, 0];
    expected.set(name, [least + (isDone && !mayBeNone ? 1 : 0), most + (isDone || isOpen ? 1 : 0)]);
  }
  return expected;
}

function valueIn({ changes }: HistoryEntry, field: string) {
  return changes.find((change) => change.field === field);
}

/** A grant of what somebody else still held is never written. */
function expectFree(entry: HistoryEntry): void {
  const session = valueIn(entry, "active_agent_session");
  const end = valueIn(entry, "lease_expires_at");
  const wasFree = session !== undefined && session.from !== true;
  const hadEnded = Date.parse(String(end?.from)) <= Date.parse(entry.at);
  expect({ entry, free: wasFree || hadEnded }).toEqual({ entry, free: true });
  const fence = valueIn(entry, "fence");
  expect(fence?.to).toBe(Number(fence?.from) + 1);
}

function expectLegalMove({ operation, record_id, ...entry }: HistoryEntry): void {
  const type = record_id.split("#")[0] as ModelType;
  const { from, to } = entry.changes.find(({ field }) => field === "status") ?? {};
  if (to === undefined || operation === "create") return;
  const legal = {
    status: moveBetween(type, String(from), String(to)) !== undefined,
    close: to === CLOSED[type],
    reopen: from === CLOSED[type] && to === FIRST[type],
  }[operation];
  expect([record_id, operation, from, to, legal]).toEqual([record_id, operation, from, to, true]);
}

/** A project on which several things are done at once. */
export class Race {
  #picture: Picture;
  readonly #containers: readonly HttpHandler[];
  #keys = 0;

  constructor(picture: Picture, containers: readonly HttpHandler[]) {
    this.#picture = picture;
    this.#containers = containers;
  }

  /** Does things at once, and looks whether some order of those that were done explains what is there then. */
  async run(entrants: readonly Entrant[], now: number, trouble: Trouble | undefined): Promise<void> {
    const { project } = this.#picture;
    const before = await storedRows(project);
    this.#picture = pictured({ ...this.#picture, now }, before);
    const { result: runs, came } = await inTrouble(trouble, () =>
      Promise.all(entrants.map((entrant) => this.#enter(entrant))),
    );
    if (came) count("troubles");
    const after = await storedRows(project);
    const answers = runs.flatMap((run) => run.answers);
    for (const { status, text } of answers) {
      count("operations", `answered: ${status}`);
      expect([text, status < 500 || came]).toEqual([text, true]);
    }
    const entries = await this.#newEntries(before, after);
    this.#expectCounted(runs, entries);
    expectGrants(runs, before, after);
    for (const entry of entries) {
      expectLegalMove(entry);
      if (entry.operation.startsWith("checkout")) expectFree(entry);
    }
    for (const run of runs) expectOneAnswer(run);
    for (const row of after.values()) expect(isLegal(row.record_type as ModelType, row.status)).toBe(true);
    expect(differences(pictured(this.#picture, after), after)).toEqual([]);
  }

  async #enter({ step, container, isSentTwice }: Entrant): Promise<Run> {
    this.#keys += 1;
    const manner = isSentTwice ? { ...step.manner, hasKey: true } : step.manner;
    const asked = resolve({ ...step, manner }, this.#picture, `${this.#picture.project} ${this.#keys}`);
    const isKeyed = asked.key !== undefined;
    const via = this.#containers[isKeyed ? this.#containers.length - 1 : container] as HttpHandler;
    const times = isKeyed && isSentTwice ? [send(asked, via), send(asked, via)] : [send(asked, via)];
    return { asked, answers: await Promise.all(times) };
  }

  /** The entries that came, of records whose chains are whole. */
  async #newEntries(before: Rows, after: Rows): Promise<HistoryEntry[]> {
    const grown = [...after.values()].filter((row) => row.sync_version !== before.get(row.item_id)?.sync_version);
    const chains = grown.map(async (row) => {
      await expectIntact(row.project_id, row);
      const chain = await chainOf(row.project_id, row.item_id);
      return chain.slice(before.get(row.item_id)?.sync_version ?? 0);
    });
    return (await Promise.all(chains)).flat();
  }

  #expectCounted(runs: readonly Run[], entries: readonly HistoryEntry[]): void {
    const told = entries.map(({ operation }) => (operation === "checkout_forced" ? "checkout" : operation));
    const expected = expectedEntries(runs);
    for (const name of new Set([...told, ...expected.keys()])) {
      // The other end of a relation has an entry of its own.
      if (name === "relation" || name === "") continue;
      const number = told.filter((one) => one === name).length;
      const [least, most] = expected.get(name) ?? [0, 0];
      const asked = runs.map((run) => [run.asked, run.answers.map(({ status }) => status)]);
      expect({ name, number, asked, fits: least <= number && number <= most }).toEqual({
        name,
        number,
        asked,
        fits: true,
      });
    }
  }
}

interface Grant {
  id: string;
  fence: number;
}

/** Every grant has a fence of its own, above all earlier ones. */
function expectGrants(runs: readonly Run[], before: Rows, after: Rows): void {
  const granting = runs.filter(({ asked }) => asked.what === "checkout" || asked.what === "claim");
  const granted = granting.flatMap(({ answers }): Grant[] => {
    const answer = answers.find(({ status }) => status === 200);
    if (!answer) return [];
    const { record, record_id, lease } = answer.body;
    return [{ id: String(record?.item_id ?? record_id), fence: (lease as Grant).fence }];
  });
  count(...granted.map(() => "granted"));
  expect(new Set(granted.map(({ id, fence }) => `${id} ${fence}`)).size).toBe(granted.length);
  for (const { id, fence } of granted) {
    expect(fence).toBeGreaterThan(Number(before.get(id)?.fence ?? 0));
    expect(fence).toBeLessThanOrEqual(Number(after.get(id)?.fence));
  }
  for (const [id, row] of before) expect([id, Number(after.get(id)?.fence) >= Number(row.fence)]).toEqual([id, true]);
}

/** A call that was sent twice under one key has one answer, or is told to wait for it. */
function expectOneAnswer({ asked, answers }: Run): void {
  if (asked.key === undefined || answers.length < 2) return;
  const given = answers.filter(({ status, body }) => {
    return status < 500 && !(status === 409 && body.error_envelope.code === "IDEMPOTENCY_IN_FLIGHT");
  });
  expect(new Set(given.map(({ text }) => text)).size).toBeLessThanOrEqual(1);
  if (given.length > 1) count("answered twice alike");
}
