import { describe, expect, it } from "@jest/globals";
import {
  currentStatus,
  initialStatus,
  isFinished,
  LIFECYCLES,
  possibleTransitions,
  transition,
} from "../../../domain/tracker/lifecycle.ts";
import { RECORD_TYPES, type RecordType } from "../../../domain/tracker/record.ts";
import { refusalOf } from "../../support/tracker-values.ts";

const STATUSES: Record<RecordType, string[]> = {
  task: ["open", "in-progress", "coding-complete", "committed", "pushed", "merged-main", "deployed", "closed"],
  issue: ["open", "in-progress", "closed"],
  feature: ["planned", "in-progress", "completed", "production", "deprecated"],
};

/** Every move onward that there is, and the gate that it passes. */
const FORWARD: Record<RecordType, Record<string, string | undefined>> = {
  task: {
    "open -> in-progress": undefined,
    "in-progress -> coding-complete": undefined,
    "coding-complete -> committed": undefined,
    "committed -> pushed": "commit",
    "pushed -> merged-main": "merge",
    "merged-main -> deployed": "deployment",
    "deployed -> closed": undefined,
  },
  issue: {
    "open -> in-progress": undefined,
    "open -> closed": "issue-evidence",
    "in-progress -> closed": "issue-evidence",
  },
  feature: {
    "planned -> in-progress": undefined,
    "in-progress -> completed": "feature-complete",
    "completed -> production": "child-tasks-deployed",
    "production -> deprecated": undefined,
  },
};

/** Every move back; the ones that reopen a closed record are told to the bus. */
const REVERT: Record<RecordType, Record<string, "reopens" | "stays open">> = {
  task: {
    "in-progress -> open": "stays open",
    "coding-complete -> in-progress": "stays open",
    "committed -> coding-complete": "stays open",
    "pushed -> committed": "stays open",
    "merged-main -> pushed": "stays open",
    "closed -> open": "reopens",
  },
  issue: { "in-progress -> open": "stays open", "closed -> open": "reopens" },
  feature: {
    "in-progress -> planned": "stays open",
    "completed -> in-progress": "stays open",
    "production -> completed": "stays open",
    "deprecated -> production": "stays open",
  },
};

const targets = (moves: Record<string, unknown>, from: string) =>
  Object.keys(moves)
    .filter((move) => move.startsWith(`${from} -> `))
    .map((move) => move.slice(from.length + 4));

function pairs(): [type: RecordType, from: string, to: string][] {
  return RECORD_TYPES.flatMap((type) =>
    STATUSES[type].flatMap((from) => STATUSES[type].map((to) => [type, from, to] as [RecordType, string, string])),
  );
}

const named = (list: string[]) => (list.length > 0 ? list.join(", ") : "none");

describe("transition", () => {
  it.each(pairs())("of a %s from %s to %s follows the table", (type, from, to) => {
    const move = `${from} -> ${to}`;
    if (from === to) {
      expect(transition(type, from, to)).toEqual({ kind: "same" });
    } else if (move in FORWARD[type]) {
      expect(transition(type, from, to)).toEqual({ kind: "forward", gate: FORWARD[type][move] });
    } else if (move in REVERT[type]) {
      expect(transition(type, from, to)).toEqual({ kind: "revert", reopens: REVERT[type][move] === "reopens" });
    } else {
      const refusal = refusalOf(() => transition(type, from, to));
      const [onward, back] = [targets(FORWARD[type], from), targets(REVERT[type], from)];
      expect(refusal.code).toBe("INVALID_INPUT");
      expect(refusal.message).toContain("Invalid status transition");
      expect(refusal.message).toContain(`Valid forward: ${named(onward)}.`);
      expect(refusal.message).toContain(`Valid revert: ${named(back)}.`);
      expect(refusal.details).toMatchObject({
        current_status: from,
        allowed_transitions: [
          ...onward.map((target) => {
            const gate = FORWARD[type][`${from} -> ${target}`];
            return gate ? { to: target, requires: gate } : { to: target };
          }),
          ...back.map((target) => ({ to: target, requires: "revert-reason" })),
        ],
        next_action: expect.any(String),
      });
    }
  });

  it.each(RECORD_TYPES.flatMap((type) => STATUSES[type].map((from) => [type, from] as const)))(
    "of a %s in %s leads to no status that is not listed",
    (type, from) => {
      for (const target of ["done", "", "OPEN", "in_progress", "__proto__", "constructor", "toString"]) {
        expect(refusalOf(() => transition(type, from, target)).message).toContain("Invalid status transition");
      }
    },
  );

  it("lets a closed record go back to its default only, and says that this reopens it", () => {
    expect(transition("task", "closed", "open")).toEqual({ kind: "revert", reopens: true });
    expect(refusalOf(() => transition("task", "closed", "in-progress")).details.allowed_transitions).toEqual([
      { to: "open", requires: "revert-reason" },
    ]);
  });

  it("puts no gate before a move back", () => {
    expect(transition("task", "merged-main", "pushed")).toEqual({ kind: "revert", reopens: false });
    expect(transition("feature", "production", "completed")).toEqual({ kind: "revert", reopens: false });
  });
});

describe("a status that an older row holds", () => {
  it.each([
    ["task", " In_Progress ", "in-progress"],
    ["task", "IN PROGRESS", "in-progress"],
    ["task", "planned", "open"],
    ["task", "Merged_Main", "merged-main"],
    ["feature", "complete", "completed"],
    ["feature", "Closed", "completed"],
    ["issue", "Closed ", "closed"],
    ["issue", "planned", "planned"],
  ] as const)("of a %s, %j, counts as %s", (type, stored, plain) => {
    expect(currentStatus(type, stored)).toBe(plain);
  });

  it.each([[undefined], [null], [7], [["open"]]])(
    "may be no text at all (%j): then only a new start is possible",
    (stored) => {
      expect(currentStatus("task", stored)).toBe("");
      expect(possibleTransitions("task", stored)).toEqual([{ to: "open" }, { to: "in-progress" }]);
    },
  );

  it.each(["someday", "complete", "__proto__", "constructor"])(
    "and nobody knows (%s) leads to the default or into work",
    (stored) => {
      expect(transition("task", stored, "open")).toEqual({ kind: "forward", gate: undefined });
      expect(transition("task", stored, "in-progress")).toEqual({ kind: "forward", gate: undefined });
      for (const target of STATUSES.task.filter((status) => !["open", "in-progress"].includes(status))) {
        expect(refusalOf(() => transition("task", stored, target)).details.allowed_transitions).toEqual([
          { to: "open" },
          { to: "in-progress" },
        ]);
      }
    },
  );

  it("is compared after it was brought into the present form", () => {
    expect(transition("task", " IN_PROGRESS", "coding-complete")).toEqual({ kind: "forward", gate: undefined });
    expect(transition("task", "Planned", "open")).toEqual({ kind: "same" });
    expect(transition("feature", "closed", "production")).toEqual({ kind: "forward", gate: "child-tasks-deployed" });
  });
});

describe("initialStatus", () => {
  const CREATABLE: Record<RecordType, string[]> = {
    task: ["open", "in-progress", "coding-complete", "committed"],
    issue: ["open", "in-progress"],
    feature: ["planned", "in-progress"],
  };

  it.each(RECORD_TYPES)("of a %s is its default where nothing is wanted", (type) => {
    for (const nothing of [undefined, "", "   "]) expect(initialStatus(type, nothing)).toBe(LIFECYCLES[type].initial);
  });

  it.each(RECORD_TYPES)("of a %s is one that wants no evidence yet", (type) => {
    for (const status of STATUSES[type]) {
      if (CREATABLE[type].includes(status)) {
        expect(initialStatus(type, ` ${status.toUpperCase()} `)).toBe(status);
      } else {
        const refusal = refusalOf(() => initialStatus(type, status));
        expect(refusal.message).toContain("status");
        expect(refusal.details).toEqual({ allowed_statuses: CREATABLE[type] });
      }
    }
  });

  it("does not repeat a long text that somebody takes for a status", () => {
    expect(refusalOf(() => initialStatus("task", "x".repeat(5_000))).message.length).toBeLessThan(250);
  });
});

describe("isFinished", () => {
  it.each([
    ["task", "closed", true],
    ["task", "deployed", false],
    ["task", "open", false],
    ["issue", "closed", true],
    ["feature", "completed", true],
    ["feature", "Closed", true],
    ["feature", "deprecated", true],
    ["feature", "in-progress", false],
    ["task", undefined, false],
  ] as const)("of a %s in %j is %s", (type, stored, finished) => {
    expect(isFinished(type, stored)).toBe(finished);
  });
});
