import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  type Contribution,
  changesBetween,
  contributionOf,
  type PostingChange,
  type PostingPlace,
} from "../../../../domain/documents/full-text/contribution.ts";
import { ANALYSIS, type Entry, verdictOn } from "../../../../domain/documents/full-text/entry.ts";
import { entryOfRow, rowOfEntry } from "../../../../domain/documents/full-text/entry-row.ts";
import { totalsChange, totalsIn } from "../../../../domain/documents/full-text/totals.ts";

type Counts = Record<string, number>;

function contribution(counts: Counts, rest: Partial<Contribution> = {}): Contribution {
  const terms = new Map(Object.entries(counts).map(([term, inBody]) => [term, { inTitle: 0, inBody }]));
  return { projectId: "alpha", status: "active", length: 100, leftOut: 0, terms, ...rest };
}

function place(term: string, rest: Partial<PostingPlace> = {}): PostingPlace {
  return { projectId: "alpha", status: "active", term, ...rest };
}

/** Each change as `status/term`, with how often the document has it, or `-` for none. */
function shown(changes: readonly PostingChange[]): string[] {
  return changes.map(({ status, term, posting }) => `${status}/${term} ${posting?.inBody ?? "-"}`).sort();
}

describe("the rows to write", () => {
  it("are all of a new document, and all of one that is gone", () => {
    expect(shown(changesBetween(undefined, [], contribution({ a: 1, b: 2 })))).toStrictEqual([
      "active/a 1",
      "active/b 2",
    ]);
    expect(shown(changesBetween(contribution({ a: 1 }), [], undefined))).toStrictEqual(["active/a -"]);
  });

  it("are those that differ, and no others", () => {
    const changes = changesBetween(
      contribution({ same: 1, more: 1, gone: 1 }),
      [],
      contribution({ same: 1, more: 2, fresh: 1 }),
    );
    expect(shown(changes)).toStrictEqual(["active/fresh 1", "active/gone -", "active/more 2"]);
  });

  it("are none where a document has grown by a few words that it had", () => {
    const grown = contributionOf(
      { project_id: "alpha" },
      { terms: new Map([["a", { inTitle: 0, inBody: 101 }]]), length: 1_010, leftOut: 0 },
    );
    const before = contributionOf(
      { project_id: "alpha" },
      { terms: new Map([["a", { inTitle: 0, inBody: 99 }]]), length: 1_000, leftOut: 0 },
    );
    expect(changesBetween(before, [], grown)).toStrictEqual([]);
  });

  it("are all in both lists where the status changes", () => {
    const archived = contribution({ a: 1 }, { status: "archived" });
    expect(shown(changesBetween(contribution({ a: 1 }), [], archived))).toStrictEqual(["active/a -", "archived/a 1"]);
  });

  it("are those in doubt too, whether they shall be there or not", () => {
    const doubt = [place("a"), place("lost"), place("a", { status: "archived" })];
    const same = contribution({ a: 1, b: 1 });
    expect(shown(changesBetween(same, doubt, same))).toStrictEqual(["active/a 1", "active/lost -", "archived/a -"]);
  });

  it("make the index whole, wherever runs before were cut off", () => {
    const counts = fc.dictionary(fc.constantFrom("a", "b", "c", "d", "e"), fc.integer({ min: 1, max: 3 }));
    const status = fc.constantFrom("active" as const, "archived" as const);
    const runs = fc.array(fc.record({ counts, status, written: fc.nat(12) }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(runs, (all) => {
        const index = new Map<string, unknown>();
        let held: Contribution | undefined;
        let doubt: readonly PostingPlace[] = [];
        const write = ({ status: where, term, posting }: PostingChange) => {
          const key = `${where}/${term}`;
          if (posting) index.set(key, posting.inBody);
          else index.delete(key);
        };
        for (const [number, run] of all.entries()) {
          const wanted = contribution(run.counts, { status: run.status });
          const changes = changesBetween(held, doubt, wanted);
          const isLast = number === all.length - 1;
          for (const change of changes.slice(0, isLast ? changes.length : run.written)) write(change);
          if (isLast || run.written >= changes.length) [held, doubt] = [wanted, []];
          else doubt = changes;
        }
        const { counts: last, status: where } = all.at(-1) ?? { counts: {}, status: "active" };
        expect(Object.fromEntries(index)).toStrictEqual(
          Object.fromEntries(Object.entries(last).map(([term, count]) => [`${where}/${term}`, count])),
        );
      }),
    );
  });
});

describe("news of a document", () => {
  const now = Date.parse("2026-01-05T10:00:00Z");
  const entry: Entry = {
    documentId: "DOC-1",
    revision: 4,
    version: 3,
    analysis: ANALYSIS,
    held: contribution({ a: 1 }, { leftOut: 7 }),
    inDoubt: [],
  };
  const gone = { ...entry, held: undefined, goneUntil: now / 1000 + 60 };

  it.each<[string, Entry | undefined, number, string]>([
    ["is indexed if nothing is known of it", undefined, 0, "index"],
    ["is indexed if it is newer", entry, 4, "index"],
    ["is known already", entry, 3, "unchanged"],
    ["is outdated", entry, 2, "outdated"],
    ["is outdated also while the newer one is being written", { ...entry, inDoubt: [place("a")] }, 2, "outdated"],
    ["is indexed again after a run that was cut off", { ...entry, inDoubt: [place("a")] }, 3, "index"],
    ["is indexed again after a change of the analysis", { ...entry, analysis: ANALYSIS - 1 }, 3, "index"],
    ["is outdated once the document is gone", gone, 99, "outdated"],
    ["is indexed when that was long ago", { ...gone, goneUntil: now / 1000 - 60 }, 1, "index"],
  ])("%s", (_title, known, version, verdict) => expect(verdictOn(known, version, now)).toBe(verdict));

  it("is kept in a row and read back", () => {
    const full: Entry = { ...entry, inDoubt: [place("a"), place("b", { status: "archived" })] };
    expect(entryOfRow(rowOfEntry(full))).toStrictEqual({ ...full, goneUntil: undefined });
    expect(entryOfRow(rowOfEntry(gone))).toStrictEqual(gone);
  });

  it("is not forgotten by the database while postings are in doubt", () => {
    expect(rowOfEntry(gone).expires_at).toBe(gone.goneUntil);
    expect(rowOfEntry({ ...gone, inDoubt: [place("a")] }).expires_at).toBeUndefined();
  });
});

describe("the totals of a project", () => {
  it("change by what a document contributes more or less than before", () => {
    const none = { active_documents: 0, active_length: 0, archived_documents: 0, archived_length: 0 };
    const active = contribution({}, { length: 10 });
    const archived = contribution({}, { length: 12, status: "archived" });
    const elsewhere = contribution({}, { length: 5, projectId: "beta" });
    expect(totalsChange(undefined, active)).toStrictEqual(
      new Map([["alpha", { ...none, active_documents: 1, active_length: 10 }]]),
    );
    expect(totalsChange(active, archived)).toStrictEqual(
      new Map([["alpha", { active_documents: -1, active_length: -10, archived_documents: 1, archived_length: 12 }]]),
    );
    expect([...totalsChange(active, elsewhere).keys()]).toStrictEqual(["alpha", "beta"]);
    expect(totalsChange(active, contribution({ other: 1 }, { length: 10 }))).toStrictEqual(new Map());
  });

  it("are those of the statuses that are asked for", () => {
    const row = { active_documents: 2, active_length: 20, archived_documents: 1, archived_length: 5 };
    expect(totalsIn(row, ["active"])).toStrictEqual({ documents: 2, length: 20 });
    expect(totalsIn(row, ["active", "archived"])).toStrictEqual({ documents: 3, length: 25 });
    expect(totalsIn(undefined, ["active"])).toStrictEqual({ documents: 0, length: 0 });
  });
});
