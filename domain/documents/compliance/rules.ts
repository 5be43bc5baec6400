import type { Rule } from "./rule.ts";
import { alerts } from "./rules/alerts.ts";
import { fenceClosed } from "./rules/fence-closed.ts";
import { fenceLanguage } from "./rules/fence-language.ts";
import { headingLevels } from "./rules/heading-levels.ts";
import { listMarkers } from "./rules/list-markers.ts";
import { metadata } from "./rules/metadata.ts";
import { oneTitle } from "./rules/one-title.ts";
import { tableDivider } from "./rules/table-divider.ts";
import { title } from "./rules/title.ts";

/** What makes a good document, in the order in which findings are told. `docs/compliance.md` has an example of each. */
export const COMPLIANCE_RULES: readonly Rule[] = [
  title,
  metadata,
  headingLevels,
  oneTitle,
  fenceLanguage,
  fenceClosed,
  listMarkers,
  tableDivider,
  alerts,
];
