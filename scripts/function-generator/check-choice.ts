import { parameterNames } from "@enceladus/middleware/router";
import { UserError } from "../api/user-error.ts";
import { logicalIdOf } from "../service/failure-queues.ts";
import type { Settings } from "../service/resolved-config.ts";
import type { Choice, HttpChoice, QueueChoice, RuleChoice, ScheduleChoice, StreamChoice } from "./choice.ts";
import { namesOf } from "./names.ts";
import type { Repository } from "./repository.ts";

/** API Gateway waits for 30 s. */
const LONGEST_ANSWER = 29;
const LONGEST_RUN = 900;
/** More readers of one stream would get in each other's way. */
const READERS_OF_A_STREAM = 2;
/** A message stays hidden so many times as long as its function may run. */
export const VISIBILITY_TIMES = 6;
const LONGEST_VISIBILITY = 43_200;

function refuse(message: string): never {
  throw new UserError(message);
}

function event(declared: Settings, kind: string): Settings | undefined {
  const found = declared[kind];
  return typeof found === "object" && found !== null ? (found as Settings) : undefined;
}

/** Functions with an event of a kind whose `arn` leads to a resource. */
function consumersOf(repository: Repository, kind: string, logicalId: string): string[] {
  return repository.functions
    .filter(({ events }) => events.some((each) => logicalIdOf(event(each, kind)?.arn) === logicalId))
    .map(({ folder }) => folder);
}

function checkHttp({ method, path }: HttpChoice, repository: Repository): void {
  if (!/^\/api\/v1(\/([a-z0-9]+(-[a-z0-9]+)*|\{[a-z][A-Za-z0-9]*\}))+$/.test(path)) {
    refuse(`--path ${path} is none: it begins with /api/v1/, and its parts are words like price-list or {projectId}.`);
  }
  const parameters = parameterNames(path);
  if (new Set(parameters).size < parameters.length) refuse(`--path ${path} has a parameter twice.`);
  const plain = (route: string) => route.replaceAll(/\{[^}]*\}/g, "{}");
  const clash = repository.functions.find(({ events }) =>
    events.some(({ httpApi }) => {
      const route = typeof httpApi === "object" ? (httpApi as Settings) : undefined;
      const declared = route ? `${String(route.method)} ${String(route.path)}` : String(httpApi);
      return plain(declared) === plain(`${method} ${path}`);
    }),
  );
  if (clash) refuse(`${method} ${path} is served by ${clash.folder} already.`);
}

function checkStream({ table }: StreamChoice, repository: Repository): void {
  const streaming = [...repository.resources].filter(
    ([, { type, properties }]) => type === "AWS::DynamoDB::Table" && properties.StreamSpecification,
  );
  if (!streaming.some(([id]) => id === table)) {
    refuse(
      `--table ${table} is no table with a stream: those are ${streaming.map(([id]) => id).join(", ")}. Another one gets ` +
        "its stream in resources/tables.yml.",
    );
  }
  const readers = consumersOf(repository, "stream", table);
  if (readers.length >= READERS_OF_A_STREAM) {
    refuse(`${readers.join(" and ")} read the stream of ${table}; Lambda reads a stream for two functions at most.`);
  }
}

function checkQueue({ queue, timeout }: QueueChoice, repository: Repository): void {
  if (queue === undefined) {
    if (timeout * VISIBILITY_TIMES > LONGEST_VISIBILITY) refuse(`--timeout ${timeout} is too long for a queue.`);
    return;
  }
  const found = repository.resources.get(queue);
  const queues = [...repository.resources].filter(([, { type, properties }]) => {
    return type === "AWS::SQS::Queue" && properties.RedrivePolicy !== undefined;
  });
  if (found?.type !== "AWS::SQS::Queue" || found.properties.RedrivePolicy === undefined) {
    refuse(
      `--queue ${queue} is no queue with a dead-letter queue: those are ${queues.map(([id]) => id).join(", ")}. Without ` +
        "--queue the function gets one of its own.",
    );
  }
  const consumers = consumersOf(repository, "sqs", queue);
  if (consumers.length > 0) refuse(`${queue} is worked off by ${consumers[0]}: each would get some of the messages.`);
  const visible = Number(found.properties.VisibilityTimeout ?? 30);
  if (visible < timeout * VISIBILITY_TIMES) {
    refuse(
      `${queue} hides a message for ${visible} s; with --timeout ${timeout} it has to be ${timeout * VISIBILITY_TIMES} s.`,
    );
  }
}

function checkRule({ source, detailType }: RuleChoice): void {
  if (!/^[\w./-]{1,100}$/.test(source)) refuse(`--source ${source} is none: aws.s3, enceladus.tracker.`);
  if (!/^[\w.:/ -]{1,100}$/.test(detailType))
    refuse(`--detail-type ${detailType} is none: "Object Created", deploy.finished.`);
}

function checkSchedule({ schedule }: ScheduleChoice): void {
  const rate = /^rate\((?:1 (?:minute|hour|day)|(?:[2-9]|[1-9]\d{1,3}) (?:minutes|hours|days))\)$/;
  const cron = /^cron\([\dA-Z*?,/#-]{1,40}(?: [\dA-Z*?,/#-]{1,40}){5}\)$/;
  if (!rate.test(schedule) && !cron.test(schedule)) {
    refuse(`--schedule ${schedule} is none: "rate(1 hour)", "rate(15 minutes)", "cron(0 6 * * ? *)".`);
  }
}

function checkOwn(choice: Choice, repository: Repository): void {
  if (choice.trigger === "http") checkHttp(choice, repository);
  else if (choice.trigger === "stream") checkStream(choice, repository);
  else if (choice.trigger === "queue") checkQueue(choice, repository);
  else if (choice.trigger === "rule") checkRule(choice);
  else checkSchedule(choice);
}

function checkName(name: string, repository: Repository): void {
  const { key, folder } = namesOf(name);
  const taken = repository.functions.find(
    (declared) =>
      declared.key === key ||
      [`devops-${name}`, `enceladus-${name}`].some((one) => String(declared.name).startsWith(`${one}$`)),
  );
  if (taken) refuse(`There is a function '${name}' already: ${taken.folder}.`);
  if (repository.has(folder)) refuse(`There is a folder ${folder} already.`);
}

/**
 * Refuses what could not become a function of this service.
 * @throws UserError that says why, and what could
 */
export function checkChoice(choice: Choice, repository: Repository): void {
  const { name, about, memory, timeout, trigger } = choice;
  checkName(name, repository);
  if (!/^[A-Z][\x20-\x7e]{2,79}$/.test(about) || about.endsWith(".") || /["\\`$]/.test(about)) {
    refuse(
      "--about is one sentence of at most 80 characters, with a capital letter and without a full stop or quotes.",
    );
  }
  if (!Number.isInteger(memory) || memory < 128 || memory > 10_240) refuse("--memory is from 128 to 10240 (MB).");
  const longest = trigger === "http" ? LONGEST_ANSWER : LONGEST_RUN;
  if (!Number.isInteger(timeout) || timeout < 1 || timeout > longest)
    refuse(`--timeout is from 1 to ${longest} (seconds).`);
  checkOwn(choice, repository);
}
