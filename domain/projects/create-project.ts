import { requireEnv } from "@enceladus/shared/env";
import { DomainError } from "@enceladus/shared/errors";
import { publishEvent } from "@enceladus/shared/events";
import { newId } from "@enceladus/shared/ids";
import { log } from "@enceladus/shared/log";
import { timestamp } from "@enceladus/shared/time";
import pRetry from "p-retry";
import { entryOf, type NewProject } from "./new-project.ts";
import { isProjectId, type Project, type ProjectView, viewOf } from "./project.ts";
import { queryByPrefix, readProject, readReservation, register, unregister } from "./project-store.ts";
import { type ReferenceShelf, referenceDocument, referenceRow } from "./reference-document.ts";
import { creationFailed, nameTaken, parentMissing, prefixTaken } from "./refusals.ts";
import type { PrefixReservation, Registration, RegistrationOutcome } from "./registration.ts";

/** Who creates a project, and by which request. */
export interface Creator {
  /** The label that the project keeps. */
  label: string;
  /** The same for every run of one request that is sent again; a run finds what an earlier one has left unfinished. */
  onceKey?: string | undefined;
}

/** What a creation has made. */
export interface CreatedProject {
  project: ProjectView;
  initialization: {
    projects_table: "created";
    tracker_reference_row: "created";
    s3_reference_doc: "created" | "exists";
  };
}

/** What stands in the way of a new project, as last written. */
interface Surroundings {
  namesake: Project | undefined;
  reservation: PrefixReservation | undefined;
  /** The owner of the prefix by the registry's index, which also knows rows older than the reservations. */
  prefixOwner: Project | undefined;
  parent: Project | undefined;
}

class Contended extends Error {}

/** Losers of a race wait a moment and look again, so that they are told what they lost against. */
const CONTENTION = {
  retries: 5,
  minTimeout: 50,
  factor: 2,
  randomize: true,
  shouldRetry: ({ error }: { error: Error }) => error instanceof Contended,
};

const ROLL_BACK = { retries: 2, minTimeout: 50, factor: 3, randomize: true };

async function look({ name, prefix, parent }: NewProject): Promise<Surroundings> {
  const parentIsPossible = parent !== undefined && parent !== name && isProjectId(parent);
  const [namesake, reservation, prefixOwner, parentProject] = await Promise.all([
    readProject(name),
    readReservation(prefix),
    queryByPrefix(prefix),
    parentIsPossible ? readProject(parent) : undefined,
  ]);
  return { namesake, reservation, prefixOwner, parent: parentProject };
}

/** @throws DomainError CONFLICT (name, then prefix), INVALID_INPUT (parent) */
function refuseWhatIsTaken(request: NewProject, around: Surroundings): void {
  if (around.namesake) throw nameTaken(request.name, around.namesake);
  const owner = around.reservation?.project_id ?? around.prefixOwner?.project_id;
  if (owner !== undefined) throw prefixTaken(request.prefix, owner);
  if (request.parent !== undefined && !around.parent) throw parentMissing(request.parent);
}

function refuseOutcome(request: NewProject, outcome: Exclude<RegistrationOutcome, { kind: "registered" }>): Error {
  switch (outcome.kind) {
    case "name_taken":
      return nameTaken(request.name, outcome.existing);
    case "prefix_taken":
      return prefixTaken(request.prefix, outcome.owner);
    case "parent_missing":
      return parentMissing(request.parent ?? "");
    case "reference_exists":
      return creationFailed("tracker_reference_row", true, { retryable: false });
    case "contended":
      return new Contended("another transaction is at work on the same rows");
    case "failed":
      return creationFailed(outcome.item === "reference" ? "tracker_reference_row" : "projects_table", true, {
        cause: outcome.cause,
      });
  }
}

/** Takes everything back. A failure to do so is for an operator: nothing else will ever tidy up. */
async function rollBack(registration: Registration): Promise<boolean> {
  try {
    await pRetry(() => unregister(registration), ROLL_BACK);
    return true;
  } catch (error) {
    const { project_id, prefix } = registration.project;
    log().critical("project_rollback_failed", { project_id, prefix, error: error as Error });
    return false;
  }
}

async function registerOnce(registration: Registration): Promise<RegistrationOutcome> {
  try {
    return await register(registration);
  } catch (cause) {
    // The rows may have been written and only the answer lost.
    throw creationFailed("projects_table", await rollBack(registration), { cause });
  }
}

/** One look, one decision, one transaction. */
async function attempt(request: NewProject, creator: Creator, creationId: string): Promise<Registration> {
  const shelf: ReferenceShelf = {
    bucket: requireEnv("S3_BUCKET"),
    prefix: process.env.S3_REFERENCE_PREFIX || "mobile/v1/reference",
  };
  const around = await look(request);
  const unfinished = around.reservation?.creation_id === creationId ? around.namesake : undefined;
  if (unfinished) {
    const reference = referenceRow(request.name, unfinished.created_at, shelf);
    return { creationId, project: unfinished, reference };
  }
  refuseWhatIsTaken(request, around);
  const at = timestamp();
  const project = entryOf(request, around.parent, creator.label, at);
  const registration = { creationId, project, reference: referenceRow(request.name, at, shelf) };
  const outcome = await registerOnce(registration);
  if (outcome.kind !== "registered") throw refuseOutcome(request, outcome);
  return registration;
}

async function registerProject(request: NewProject, creator: Creator): Promise<Registration> {
  const creationId = creator.onceKey ?? newId();
  try {
    return await pRetry(() => attempt(request, creator, creationId), CONTENTION);
  } catch (error) {
    if (!(error instanceof Contended)) throw error;
    throw new DomainError(
      "UNAVAILABLE",
      "Another request is creating a project of this name or prefix.",
      {},
      { retryAfterSeconds: 1, cause: error },
    );
  }
}

async function writeReference(registration: Registration): Promise<"created" | "exists"> {
  const { project, reference } = registration;
  // Loaded here, since readers of projects have no use for the S3 client.
  const { putReference } = await import("./reference-store.ts");
  try {
    return await putReference(reference, referenceDocument(project.project_id, project.created_at));
  } catch (cause) {
    throw creationFailed("s3_reference_doc", await rollBack(registration), { cause });
  }
}

async function announce({ project_id, prefix, status, parent, created_at, created_by }: Project): Promise<void> {
  await publishEvent({
    source: "enceladus.projects",
    detailType: "project.created",
    detail: { project_id, prefix, status, parent: parent ?? null, created_at, created_by },
  });
}

/**
 * Creates a project: its entry in the registry, the reservation of its prefix and the row of its reference document in
 * one transaction, then the document itself, then the event `project.created`. What goes wrong on the way is taken
 * back.
 * @param request validated by `newProject`
 * @returns the project as answers show it, and what was made
 * @throws DomainError CONFLICT (the name, then the prefix is taken), INVALID_INPUT (the parent is not there),
 *   INTERNAL_ERROR (a read or write failed; `failed_step` and `rolled_back` in the details), UNAVAILABLE (too many
 *   requests for the same name at once)
 */
export async function createProject(request: NewProject, creator: Creator): Promise<CreatedProject> {
  const registration = await registerProject(request, creator);
  const document = await writeReference(registration);
  await announce(registration.project);
  return {
    project: viewOf(registration.project),
    initialization: {
      projects_table: "created",
      tracker_reference_row: "created",
      s3_reference_doc: document,
    },
  };
}
