/** The last part of an ARN, or of a name or URL: the name of a queue, topic, bus or function. */
export function nameInArn(arnOrName: string): string {
  return arnOrName.split(/[:/]/).at(-1) ?? arnOrName;
}

/** `sqs`, `sns`, `dynamodb`, ... */
export function serviceOfArn(arn: string): string {
  return arn.split(":")[2] ?? "";
}
