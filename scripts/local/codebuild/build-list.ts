import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { AwsFailure } from "../json-double.ts";
import type { BuildOutcome } from "../wire/faults.ts";
import type { Build } from "./build.ts";
import type { StartBuildRequest } from "./requests.ts";

const PAGE_SIZE = 100;
const MOST_BUILDS = 1_000;
const TOKEN_LIVES_MS = 5 * 60 * 1000;

const invalidInput = (message: string): AwsFailure => ({ code: "InvalidInputException", message });

/** All builds, in the order of their starts. The oldest that have ended are forgotten above a thousand. */
export class BuildList {
  #builds: Build[];

  constructor(builds: readonly Build[] = []) {
    this.#builds = [...builds];
  }

  all(): readonly Build[] {
    return this.#builds;
  }

  /** @param idOrArn `<project>:<uuid>`, alone or at the end of an ARN */
  find(idOrArn: string): Build | undefined {
    const id = idOrArn.startsWith("arn:") ? idOrArn.slice(idOrArn.indexOf("build/") + "build/".length) : idOrArn;
    return this.#builds.find((build) => build.id === id);
  }

  /**
   * The build that an earlier request with the same token has started within five minutes.
   * @throws AwsFailure when that one asked for something else
   */
  startedWith(request: StartBuildRequest, now: number): Build | undefined {
    const { idempotencyToken } = request;
    if (idempotencyToken === undefined) return undefined;
    const known = this.#builds.findLast(
      (build) => build.request.idempotencyToken === idempotencyToken && now - build.startedAt < TOKEN_LIVES_MS,
    );
    if (known && !isDeepStrictEqual(known.request, request)) {
      throw invalidInput("The idempotency token was used within the last five minutes with other parameters.");
    }
    return known;
  }

  add(request: StartBuildRequest, outcome: BuildOutcome, initiator: string, now: number): Build {
    const { projectName } = request;
    const build: Build = {
      id: `${projectName}:${randomUUID()}`,
      number: (this.#ofProject(projectName).at(-1)?.number ?? 0) + 1,
      request,
      initiator,
      startedAt: now,
      endsAt: now + outcome.afterMs,
      outcome,
    };
    this.#builds.push(build);
    if (this.#builds.length > MOST_BUILDS) {
      const oldest = this.#builds.findIndex(({ end }) => end !== undefined);
      if (oldest >= 0) this.#builds.splice(oldest, 1);
    }
    return build;
  }

  #ofProject(projectName: string): Build[] {
    return this.#builds.filter((build) => build.request.projectName === projectName);
  }

  /**
   * Up to a hundred ids of a project's builds. The token is the number of the last one, so that builds that start between
   * two pages move nothing.
   * @throws AwsFailure for a token that is of no page in this order
   */
  page(projectName: string, sortOrder: "ASCENDING" | "DESCENDING", nextToken?: string) {
    const after = nextToken === undefined ? undefined : readToken(nextToken, sortOrder);
    const ascending = sortOrder === "ASCENDING";
    const ordered = ascending ? this.#ofProject(projectName) : this.#ofProject(projectName).reverse();
    const left = ordered.filter(({ number }) => after === undefined || (ascending ? number > after : number < after));
    const builds = left.slice(0, PAGE_SIZE);
    const last = builds.at(-1);
    return {
      ids: builds.map(({ id }) => id),
      ...(last && left.length > PAGE_SIZE && { nextToken: writeToken(last.number, sortOrder) }),
    };
  }
}

function writeToken(number: number, sortOrder: string): string {
  return Buffer.from(`${sortOrder} ${number}`).toString("base64url");
}

function readToken(token: string, sortOrder: string): number {
  const [order, number] = Buffer.from(token, "base64url").toString().split(" ");
  if (order !== sortOrder || !/^\d{1,9}$/.test(number ?? "")) throw invalidInput("Invalid nextToken.");
  return Number(number);
}
