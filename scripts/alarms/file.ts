import { Document, isCollection, isMap, isScalar, visit } from "yaml";
import type { Alarm } from "./alarms.ts";

const HEADER = ` Made by \`npm run alarms\` of what serverless.yml declares; what they are and why: scripts/alarms/alarms.ts. The distribution
 has its own in cdn.yml. An alarm costs 0.10 USD a month for each metric that it looks at, so 0.20 for one on errors and
 throttles; ten metrics are free. \`--param alarms=false\` leaves them out of a stage
 (docs/decisions/0020-an-alarm-for-each-function-and-queue.md).`;

/** What reads best in one line. */
const IN_ONE_LINE = new Set(["Metric", "Dimensions", "AlarmActions", "Fn::Equals"]);

/** The text of resources/alarms.yml. */
export function alarmsFile(alarms: Readonly<Record<string, Alarm>>): string {
  const document = new Document({
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the framework puts it in
    Conditions: { HasAlarms: { "Fn::Equals": ["${param:alarms}", "true"] } },
    Resources: alarms,
  });
  visit(document, {
    Pair: (_, { key, value }) => {
      if (isScalar(key) && IN_ONE_LINE.has(String(key.value)) && isCollection(value)) value.flow = true;
    },
  });
  const resources = document.get("Resources");
  const apart = [...(isMap(document.contents) ? document.contents.items.slice(1) : [])];
  if (isMap(resources)) apart.push(...resources.items.slice(1));
  for (const { key } of apart) if (isScalar(key)) key.spaceBefore = true;
  document.commentBefore = HEADER;
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}
