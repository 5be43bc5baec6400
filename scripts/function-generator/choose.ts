import type { Method } from "@enceladus/middleware/operation";
import { GRANTABLE_SCOPES, type Scope } from "@enceladus/shared/scopes";
import { UserError } from "../api/user-error.ts";
import { missing, type Questions } from "./ask.ts";
import { type Choice, TRIGGERS, type Trigger } from "./choice.ts";
import type { Repository } from "./repository.ts";

/** What was said on the command line. */
export interface ChoiceOptions {
  trigger?: Trigger;
  about?: string;
  memory?: number;
  timeout?: number;
  method: Method;
  path?: string;
  scope?: string;
  table?: string;
  queue?: string;
  source?: string;
  detailType?: string;
  schedule?: string;
}

/** Rights that nobody but people can hold. */
const OF_PEOPLE: readonly Scope[] = ["projects:read", "projects:write", "agents:admin"];
const SCOPES = [
  ...GRANTABLE_SCOPES.filter((scope): scope is Exclude<typeof scope, `${string}:*`> => !scope.endsWith(":*")),
  ...OF_PEOPLE,
];

const TIMEOUTS: Readonly<Record<Trigger, number>> = { http: 10, stream: 60, queue: 30, rule: 60, schedule: 60 };
const MEMORY = 256;

/** What belongs to which trigger; given with another one it is a mistake. */
const OWN_OPTIONS: Readonly<Partial<Record<keyof ChoiceOptions, Trigger>>> = {
  path: "http",
  scope: "http",
  table: "stream",
  queue: "queue",
  source: "rule",
  detailType: "rule",
  schedule: "schedule",
};

function checkOptions(trigger: Trigger, options: ChoiceOptions): void {
  for (const [option, owner] of Object.entries(OWN_OPTIONS)) {
    if (owner === trigger || options[option as keyof ChoiceOptions] === undefined) continue;
    const flag = option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new UserError(`--${flag} goes with --trigger ${owner}, not with ${trigger}.`);
  }
}

function checkedScope(scope: string): Scope {
  const known = SCOPES.find((one) => one === scope);
  if (known === undefined) throw new UserError(`--scope ${scope} is none of: ${SCOPES.join(", ")}.`);
  return known;
}

function streamingTables({ resources }: Repository): string[] {
  return [...resources].filter(([, { properties }]) => properties.StreamSpecification).map(([id]) => id);
}

/**
 * What a function is to be: as it was said on the command line, and what was not said is asked.
 * @param ask undefined where nobody can be asked
 * @throws UserError
 */
export async function chooseFunction(
  name: string,
  options: ChoiceOptions,
  repository: Repository,
  ask: Questions | undefined,
): Promise<Choice> {
  const answer = async (flag: string, given: string | undefined, question: string, standard?: string) =>
    given ?? (ask ? ask.text(question, standard) : missing(flag));
  const choiceOf = async <Answer extends string>(
    flag: string,
    given: Answer | undefined,
    question: string,
    answers: readonly Answer[],
  ) => given ?? (ask ? ask.oneOf(question, answers) : missing(flag));
  const trigger = await choiceOf("trigger", options.trigger, "What triggers it?", TRIGGERS);
  checkOptions(trigger, options);
  const about = await answer("about", options.about, "What does it do, in one sentence?");
  const common = { name, about, memory: options.memory ?? MEMORY, timeout: options.timeout ?? TIMEOUTS[trigger] };
  switch (trigger) {
    case "http": {
      const scope = checkedScope(await choiceOf("scope", options.scope, "Which right does it ask for?", SCOPES));
      const path =
        options.path ??
        (await (ask?.text("At which path?", `/api/v1/${name}/{projectId}`) ?? `/api/v1/${name}/{projectId}`));
      return { ...common, trigger, method: options.method, path, scope };
    }
    case "stream":
      return {
        ...common,
        trigger,
        table: await choiceOf("table", options.table, "Of which table?", streamingTables(repository)),
      };
    case "queue":
      return { ...common, trigger, queue: options.queue };
    case "rule": {
      const source = await answer("source", options.source, "Events of which source (enceladus.tracker, aws.s3)?");
      const detailType = await answer("detail-type", options.detailType, "Of which detail type?");
      return { ...common, trigger, source, detailType };
    }
    case "schedule":
      return { ...common, trigger, schedule: await answer("schedule", options.schedule, "How often?", "rate(1 hour)") };
  }
}
