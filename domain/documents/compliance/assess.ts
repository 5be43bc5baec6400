import { readMarkdown } from "./markdown.ts";
import { COMPLIANCE_RULES } from "./rules.ts";

/** One departure of a document from the rules. */
export interface ComplianceFinding {
  /** The id of the rule. */
  rule: string;
  /** From 1; none where the whole document is meant. */
  line?: number;
  /** What it takes off the score. */
  points: number;
  message: string;
}

export interface Compliance {
  /** From 0 to 100, 100 where nothing is found. */
  score: number;
  /** The findings, each as a sentence that names line and rule. */
  warnings: string[];
  findings: ComplianceFinding[];
}

export const POINTS_OFF = 10;
export const MOST_FINDINGS = 25;

function* findingsIn(content: string): Generator<ComplianceFinding> {
  const document = readMarkdown(content);
  for (const { id, find } of COMPLIANCE_RULES) {
    for (const { at, message } of find(document)) {
      yield { rule: id, ...(at !== undefined && { line: at + 1 }), points: POINTS_OFF, message };
    }
  }
}

function inWords({ rule, line, message }: ComplianceFinding): string {
  return `${line === undefined ? "" : `line ${line}: `}${message} (${rule})`;
}

/**
 * Judges a Markdown document by the rules, in their order; the first 25 findings are kept, each takes 10 points off. Takes
 * a time linear in the length of the document.
 */
export function assessCompliance(content: string): Compliance {
  const findings = [...findingsIn(content).take(MOST_FINDINGS)];
  return {
    score: Math.max(0, 100 - POINTS_OFF * findings.length),
    warnings: findings.map(inWords),
    findings,
  };
}
