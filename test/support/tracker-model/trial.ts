import { inspect } from "node:util";
import type { HttpHandler } from "@enceladus/middleware/http-function";
import { expect } from "@jest/globals";
import { holdClock } from "../clock.ts";
import type { TrackerAnswer } from "../tracker-api.ts";
import { type Asked, requestOf, send } from "./asked.ts";
import { count } from "./counted.ts";
import { judge } from "./judge.ts";
import { isOver } from "./lifecycle.ts";
import type { Picture } from "./picture.ts";
import { differences, type Rows, storedRows } from "./rows.ts";
import { resolve, type Step } from "./steps.ts";
import { inTrouble, type Trouble } from "./trouble.ts";
import type { Verdict } from "./verdict.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** A run that has left no answer is waited for so long. */
const DEADLINE = 31 * SECOND;
/** What a container has seen of the ready records is good for less. */
const SIGHT = 2 * SECOND;
/** Answers are kept for a day. */
const KEPT = 23 * 3_600 * SECOND;

/** A call with a key, and what came of it. */
interface Keyed {
  asked: Asked;
  via: HttpHandler;
  answer: TrackerAnswer;
  at: number;
}

function codeOf({ status, body }: TrackerAnswer): [number, string | undefined] {
  return [status, status < 400 ? undefined : body.error_envelope.code];
}

/** Whether a record was opened again that somebody had taken before it was closed. */
function bringsLeaseBack({ id }: Asked, { records: before }: Picture, { records: after }: Picture): boolean {
  const [was, is] = [before.get(id), after.get(id)];
  return is?.session !== undefined && isOver(was?.status ?? is.status) && !isOver(is.status);
}

/** One project, as the model has it and as it is stored. */
export class Trial {
  picture: Picture;
  readonly #containers: readonly HttpHandler[];
  readonly #wroteAt = new Map<HttpHandler, number>();
  #keyed: Keyed[] = [];
  #keys = 0;
  #broughtBack: { via: HttpHandler; at: number } | undefined;

  constructor(picture: Picture, containers: readonly HttpHandler[]) {
    this.picture = picture;
    this.#containers = containers;
    holdClock(picture.now);
  }

  /** Lets time pass. */
  pass(milliseconds: number): void {
    this.picture = { ...this.picture, now: this.picture.now + milliseconds };
    holdClock(this.picture.now);
  }

  /** Makes a step, in trouble or not, and compares what comes of it with what the model says. */
  async make(step: Step, container: number, trouble?: Trouble): Promise<void> {
    this.#keys += 1;
    const asked = resolve(step, this.picture, `${this.picture.project} ${this.#keys}`);
    const via = this.#answering(asked, container);
    const before = this.picture;
    await this.#ask(asked, via, trouble);
    if (bringsLeaseBack(asked, before, this.picture)) this.#broughtBack = { via, at: this.picture.now };
  }

  #answering(asked: Asked, container: number): HttpHandler {
    // A lease that comes back may end sooner than those that another container has seen: it finds it within a minute.
    const { via, at } = this.#broughtBack ?? { at: 0 };
    const looksForWork = asked.what === "claim" || asked.what === "ready";
    if (via && looksForWork && at + MINUTE >= this.picture.now) return via;
    // What is loaded at the first key is the same for all containers of a test: that of the last one that was made.
    const place = asked.key === undefined ? container : this.#containers.length - 1;
    return this.#containers[place] as HttpHandler;
  }

  /** Sends a call with a key once more: it is answered as before, and another call under its key is refused. */
  async repeat(place: number, isSame: boolean): Promise<void> {
    const known = this.#keyed.filter(({ at }) => at > this.picture.now - KEPT);
    const keyed = known[place % Math.max(1, known.length)];
    if (!keyed) return;
    const answer = await send(keyed.asked, keyed.via, isSame ? {} : { dispatch_id: "another" });
    count("operations", isSame ? "the same again" : "another under its key");
    await this.#explained(keyed.asked, answer, async () => {
      if (isSame) expect([answer.status, answer.text]).toEqual([keyed.answer.status, keyed.answer.text]);
      else expect(codeOf(answer)).toEqual([422, "IDEMPOTENCY_MISMATCH"]);
    });
  }

  async #ask(asked: Asked, via: HttpHandler, trouble: Trouble | undefined): Promise<void> {
    const verdict = judge(this.picture, asked, this.#knowsAll(via));
    const { result: answer, came } = await inTrouble(trouble, () => send(asked, via));
    count("operations", `asked: ${asked.what}`, `answered: ${answer.status < 500 ? answer.status : "5xx"}`);
    if (trouble && came) count("troubles", `trouble: ${trouble.name}`);
    const isMade = await this.#explained(asked, answer, async () => this.#follow(verdict, answer, came));
    if (isMade) this.#wroteAt.set(via, this.picture.now);
    if (came) this.pass(SIGHT);
    if (asked.key === undefined) return;
    const keyed = { asked, via, answer, at: this.picture.now };
    if (came) await this.#makeSure(keyed, verdict, isMade);
    else this.#keyed.push(keyed);
  }

  /** What is stored is what the model has. */
  async expectTrue(): Promise<void> {
    expect(differences(this.picture, await this.#rows())).toEqual([]);
  }

  /** A container that has looked within this second does not know what others have written since. */
  #knowsAll(via: HttpHandler): boolean {
    return [...this.#wroteAt].every(([writer, at]) => writer === via || at < this.picture.now);
  }

  #rows(): Promise<Rows> {
    return storedRows(this.picture.project);
  }

  /** Takes over what an answer says, or what the rows say where there is none. @returns whether something was changed */
  async #follow(verdict: Verdict, answer: TrackerAnswer, inTrouble: boolean): Promise<boolean> {
    const before = this.picture;
    if (verdict.isRefused && !inTrouble) {
      // Whether it has changed something all the same is found when the rows are looked at the next time.
      expect(codeOf(answer)).toEqual([verdict.status, verdict.code]);
      verdict.says?.(answer.body);
      return false;
    }
    const rows = await this.#rows();
    if (answer.status >= 500) {
      expect([inTrouble, answer.body.error_envelope.retryable]).toEqual([true, true]);
      return this.#find(verdict, rows);
    }
    if (verdict.isRefused) {
      expect([...codeOf(answer), differences(before, rows)]).toEqual([verdict.status, verdict.code, []]);
      verdict.says?.(answer.body);
      return false;
    }
    expect(codeOf(answer)).toEqual([verdict.status, undefined]);
    const after = verdict.after(rows);
    const wrong = differences(after, rows);
    const other = inTrouble && wrong.length > 0 ? verdict.orElse?.(rows) : undefined;
    if (!other || differences(other, rows).length > 0) expect(wrong).toEqual([]);
    this.picture = other ?? after;
    verdict.says?.(answer.body, this.picture);
    return this.picture !== before;
  }

  /** Nobody knows what came of it: all of it or nothing. */
  #find(verdict: Verdict, rows: Rows): boolean {
    const untouched = differences(this.picture, rows);
    if (untouched.length === 0) {
      count("unanswered: not made");
      return false;
    }
    const may = verdict.isRefused ? [] : [verdict.after(rows), ...(verdict.orElse ? [verdict.orElse(rows)] : [])];
    const found = may.find((picture) => differences(picture, rows).length === 0);
    expect({ untouched, made: may.map((picture) => differences(picture, rows)) }).toEqual(
      found ? expect.anything() : "all of it or nothing",
    );
    this.picture = found ?? this.picture;
    count("unanswered: made");
    return true;
  }

  /** A call in trouble is sent again under its key until it is answered: what it was to do is done once. */
  async #makeSure({ asked, via, answer }: Keyed, verdict: Verdict, isMade: boolean): Promise<void> {
    let again = await send(asked, via);
    const isInFlight = codeOf(again)[1] === "IDEMPOTENCY_IN_FLIGHT";
    if (isInFlight) {
      await this.expectTrue();
      count("in flight");
      this.pass(DEADLINE);
      again = await send(asked, via);
    }
    count("operations", "sent again after trouble");
    const wasAnswered = answer.status < 500;
    const isMarked = isMade && asked.what !== "heartbeat";
    await this.#explained(asked, again, async () => {
      if (isMarked || (wasAnswered && !isInFlight)) {
        await this.expectTrue();
        expect(again.status).toBe(wasAnswered ? answer.status : verdict.status);
        if (wasAnswered) expect(again.text).toBe(answer.text);
        count("done once");
      } else if (await this.#follow(judge(this.picture, asked, true), again, false)) {
        this.#wroteAt.set(via, this.picture.now);
      }
    });
    this.#keyed.push({ asked, via, answer: again, at: this.picture.now });
  }

  /** Says of an error what was asked and answered. */
  async #explained<Result>(
    asked: Asked,
    { status, text }: TrackerAnswer,
    work: () => Promise<Result>,
  ): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const request = inspect({ what: asked.what, ...requestOf(asked), status, text }, { depth: 5 });
      throw new Error(
        `${message}\n${request}\nthe model: ${inspect(this.picture.records.get(asked.id), { depth: 5 })}`,
      );
    }
  }
}
