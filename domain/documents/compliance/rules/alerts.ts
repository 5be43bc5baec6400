import type { Rule } from "../rule.ts";

const LIKE_AN_ALERT = /\[!\p{L}/u;
const ALERT = /^\s*>\s*\[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]\s*$/;

export const alerts: Rule = {
  id: "alerts",
  title: "Alerts are written as such",
  checks:
    "What looks like an alert is one of `> [!NOTE]`, `TIP`, `IMPORTANT`, `WARNING`, `CAUTION`, in capitals and alone on its line.",
  explanation: "Anything else is shown as plain text in a quote, and the warning is not seen as one.",
  *find({ lines, markdownAt }) {
    for (let at = 0; at < lines.length; at++) {
      const line = markdownAt(at) ?? "";
      if (LIKE_AN_ALERT.test(line) && !ALERT.test(line)) {
        yield { at, message: "an alert should stand alone on its line, as in `> [!NOTE]`" };
      }
    }
  },
};
