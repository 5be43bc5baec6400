import { EventReader, isProperties } from "./config-reader.ts";
import type { DeclaredFunction, PumpContext } from "./types.ts";

/** One declared event of a kind, with its function and its number among that function's events (from 1). */
export interface Declared {
  fn: DeclaredFunction;
  number: number;
  event: EventReader;
}

/**
 * The events of one kind that are switched on.
 *
 * @param shorthand the property that a bare value stands for: `sqs: <arn>` is `sqs: { arn: <arn> }`
 */
export function declaredEvents(
  context: Pick<PumpContext, "functions" | "references">,
  kind: string,
  shorthand: string,
): Declared[] {
  return Object.values(context.functions).flatMap((fn) =>
    (fn.events ?? []).flatMap((declared, index) => {
      if (!isProperties(declared) || !(kind in declared)) return [];
      const value = declared[kind];
      const properties = isProperties(value) && !isIntrinsic(value) ? value : { [shorthand]: value };
      const place = `${fn.key}.events[${index}].${kind}`;
      const event = new EventReader(place, properties, (item) => context.references.resolve(item));
      return event.enabled ? [{ fn, number: index + 1, event }] : [];
    }),
  );
}

/** `{ Ref: ... }`, `{ "Fn::GetAtt": ... }`: a value, not a set of properties. */
function isIntrinsic(value: Record<string, unknown>): boolean {
  return Object.keys(value).some((key) => key === "Ref" || key.startsWith("Fn::"));
}
