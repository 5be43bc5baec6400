import { LocalError } from "./errors.ts";

type Conditions = Readonly<Record<string, unknown>>;
type Operands = readonly unknown[];

/**
 * Evaluates the conditions of serverless.yml (Fn::Equals, Fn::Not, Fn::And, Fn::Or, Condition).
 * @param resolve gives the value of an operand
 * @returns whether the condition of a name holds
 */
export function createConditions(conditions: Conditions, resolve: (value: unknown) => unknown) {
  const operators: Readonly<Record<string, (operands: Operands) => boolean>> = {
    "Fn::Equals": ([one, other]) => String(resolve(one)) === String(resolve(other)),
    "Fn::Not": ([condition]) => !evaluate(condition),
    "Fn::And": (operands) => operands.every(evaluate),
    "Fn::Or": (operands) => operands.some(evaluate),
  };

  function evaluate(condition: unknown): boolean {
    const [[operator, operands] = ["", undefined]] = Object.entries(condition ?? {});
    if (operator === "Condition") return holds(String(operands));
    const evaluateWith = operators[operator];
    if (!evaluateWith) throw new LocalError(`The condition ${JSON.stringify(condition)} is not supported locally.`);
    return evaluateWith(operands as Operands);
  }

  function holds(name: string): boolean {
    if (!(name in conditions))
      throw new LocalError(`serverless.yml refers to the condition "${name}", which it lacks.`);
    return evaluate(conditions[name]);
  }

  return holds;
}
