import type { CancellationReason } from "@enceladus/shared/aws-errors";
import type { Project } from "./project.ts";
import type { ReferenceRow } from "./reference-document.ts";

/** What one transaction writes for a new project. All of it is there, or nothing is. */
export interface Registration {
  /** Told apart from every other attempt by this, also from one by the same person in the same second. */
  creationId: string;
  project: Project;
  reference: ReferenceRow;
}

/** Who holds a prefix: the reservation is the fact, the registry's index only follows it. */
export interface PrefixReservation {
  prefix: string;
  project_id: string;
  created_at: string;
  /** The registration that made it; older reservations have none. */
  creation_id?: string;
}

/** The items of the transaction in their order, which is the order of its cancellation reasons. */
const ITEMS = ["project", "reservation", "reference", "parent"] as const;

/**
 * What became of a registration. `contended`: another transaction is at work on one of the rows, and who wins is not
 * known yet. `failed` names the item that could not be written, where the database says which.
 */
export type RegistrationOutcome =
  | { kind: "registered" }
  | { kind: "name_taken"; existing: Readonly<Record<string, unknown>> }
  | { kind: "prefix_taken"; owner: string }
  | { kind: "reference_exists" }
  | { kind: "parent_missing" }
  | { kind: "contended" }
  | { kind: "failed"; item: (typeof ITEMS)[number] | undefined; cause: Error };

/**
 * What a cancelled transaction says about the registration. A failed condition is a fact about the data and counts
 * before contention, which only says "ask again"; among conditions the first item counts.
 * @param reasons one for each item, with the row that failed its condition in plain form
 */
export function outcomeOfCancellation(reasons: readonly CancellationReason[]): RegistrationOutcome {
  const refused = reasons.findIndex(({ Code }) => Code === "ConditionalCheckFailed");
  const row = reasons[refused]?.Item ?? {};
  switch (ITEMS[refused]) {
    case "project":
      return { kind: "name_taken", existing: row };
    case "reservation":
      return { kind: "prefix_taken", owner: String(row.project_id ?? "another project") };
    case "reference":
      return { kind: "reference_exists" };
    case "parent":
      return { kind: "parent_missing" };
  }
  if (reasons.some(({ Code }) => Code === "TransactionConflict")) return { kind: "contended" };
  const failed = reasons.findIndex(({ Code }) => Code !== undefined && Code !== "None");
  const cause = new Error(`transaction cancelled: ${reasons.map(({ Code }) => Code).join(", ")}`);
  return { kind: "failed", item: ITEMS[failed], cause };
}
