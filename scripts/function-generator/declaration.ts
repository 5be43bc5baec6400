import { isGrantable } from "@enceladus/shared/scopes";
import type { Choice, HttpChoice } from "./choice.ts";
import { type FunctionNames, namesOf } from "./names.ts";

/** Whether agents may hold the scope of a function, so that it takes their keys. */
export function takesAgents({ scope }: HttpChoice): boolean {
  return isGrantable(scope);
}

/** Whether it refuses a project in its path that is not registered. */
export function looksUpProject(choice: HttpChoice): boolean {
  return takesAgents(choice) && choice.path.includes("{projectId}");
}

export function isChange({ method }: HttpChoice): boolean {
  return method !== "GET";
}

/** The logical id of the queue in which that ends which the function could not deal with. */
export function failuresQueueId({ pascal }: FunctionNames): string {
  return `${pascal}FailuresQueue`;
}

/** The logical id of the queue of its own that a function works off. */
export function workQueueId({ pascal }: FunctionNames): string {
  return `${pascal}Queue`;
}

const arnOf = (id: string, attribute = "Arn") => `{ Fn::GetAtt: [${id}, ${attribute}] }`;

function onFailure(names: FunctionNames, indent: string): string {
  return ["destinations:", "  onFailure:", "    type: sqs", `    arn: ${arnOf(failuresQueueId(names))}`]
    .map((line) => `${indent}${line}\n`)
    .join("");
}

/** Lambda gives up after two more attempts, and puts aside what it gave up. */
const asynchronous = (names: FunctionNames) => `  maximumRetryAttempts: 2\n${onFailure(names, "  ")}`;

/** Events of services come on the default bus, domain events on the one of this service. */
const busOf = (source: string) => (source.startsWith("aws.") ? "" : "        eventBus: { Ref: EventBus }\n");

function events(choice: Choice, names: FunctionNames): string {
  switch (choice.trigger) {
    case "http":
      return `    - httpApi: ${choice.method} ${choice.path}\n`;
    case "stream":
      return `    - stream:
        type: dynamodb
        arn: ${arnOf(choice.table, "StreamArn")}
        startingPosition: LATEST
        batchSize: 10
        batchWindow: 1
        functionResponseType: ReportBatchItemFailures
        bisectBatchOnFunctionError: true
        maximumRetryAttempts: 5
${onFailure(names, "        ")}`;
    case "queue":
      return `    - sqs:
        arn: ${arnOf(choice.queue ?? workQueueId(names))}
        batchSize: 10
        functionResponseType: ReportBatchItemFailures
`;
    case "rule":
      return `    - eventBridge:
${busOf(choice.source)}        pattern:
          source: [${JSON.stringify(choice.source)}]
          detail-type: [${JSON.stringify(choice.detailType)}]
        deadLetterQueueArn: ${arnOf(failuresQueueId(names))}
`;
    case "schedule":
      return `    # By rule: \`sls offline\` would run a \`schedule\` beside the event pump.
    - eventBridge:
        schedule: ${choice.schedule}
`;
  }
}

function environment(choice: Choice): string {
  if (choice.trigger !== "http") return "";
  const tables = [
    ...(looksUpProject(choice) ? ["PROJECTS_TABLE: { Ref: ProjectsTable }"] : []),
    ...(isChange(choice) ? ["IDEMPOTENCY_TABLE: { Ref: IdempotencyTable }"] : []),
    ...(takesAgents(choice) ? ["AGENT_KEYS_TABLE: { Ref: AgentKeysTable }"] : []),
  ];
  return tables.length > 0 ? `  environment:\n${tables.map((line) => `    ${line}\n`).join("")}` : "";
}

function statement(action: string, resource: string): string {
  return `    - Effect: Allow
      Action: ${action}
      Resource: ${resource}
`;
}

function httpStatements(choice: HttpChoice): string[] {
  const onceActions = "[dynamodb:GetItem, dynamodb:PutItem, dynamodb:UpdateItem, dynamodb:DeleteItem]";
  const keys = arnOf("AgentKeysTable");
  return [
    ...(looksUpProject(choice) ? [statement("dynamodb:GetItem", arnOf("ProjectsTable"))] : []),
    ...(isChange(choice) ? [statement(onceActions, arnOf("IdempotencyTable"))] : []),
    ...(takesAgents(choice)
      ? [
          statement("dynamodb:GetItem", keys),
          `    # Only to note when a key was last used.
${statement("dynamodb:UpdateItem", keys)}      Condition:
        ForAllValues:StringEquals: { dynamodb:Attributes: [id, last_used_at] }
`,
        ]
      : []),
  ];
}

/** What the function calls, and nothing else; what reading a stream or a queue takes the framework adds. */
function role(choice: Choice, names: FunctionNames): string {
  const sends = statement("sqs:SendMessage", arnOf(failuresQueueId(names)));
  const statements = choice.trigger === "http" ? httpStatements(choice) : choice.trigger === "queue" ? [] : [sends];
  const byFramework = choice.trigger === "stream" || choice.trigger === "queue";
  const comment = byFramework ? `  # What reading the ${choice.trigger} takes is added by itself.\n` : "";
  const list = statements.length > 0 ? `\n${statements.join("")}` : " []\n";
  return `  iamRoleStatementsName: ${names.deployed}\${param:suffix}\n${comment}  iamRoleStatements:${list}`;
}

/** The text of function.yml. */
export function declarationText(choice: Choice): string {
  const names = namesOf(choice.name);
  const failures = choice.trigger === "rule" || choice.trigger === "schedule" ? asynchronous(names) : "";
  return `# ${choice.about}.
${names.key}:
  name: ${names.deployed}\${param:suffix}
  handler: ${names.folder}/handler.handler
  memorySize: ${choice.memory}
  timeout: ${choice.timeout}
${failures}  events:
${events(choice, names)}${environment(choice)}${role(choice, names)}`;
}
