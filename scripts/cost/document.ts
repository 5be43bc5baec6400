import { bill, type Line, type Standing, total } from "./estimate.ts";
import type { CostFigures } from "./figures.ts";
import { PRICES, PRICES_AS_OF, type Price } from "./prices.ts";
import { CROWDS, DOCUMENTS_AN_HOUR, HOURS_A_MONTH, REQUESTS_AN_HOUR } from "./workload.ts";

function usd(amount: number): string {
  if (amount === 0) return "0";
  return amount < 0.005
    ? "< 0.01"
    : amount.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

function amount(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 2 : 0 });
}

/** Few prices have a figure that can be read without counting zeros: they are given for a million, or a thousand. */
function priceText({ usd: one, unit }: Price): string {
  const [times, of] = one >= 0.01 ? [1, ""] : one >= 0.000_004 ? [1_000, "1,000 x "] : [1_000_000, "1,000,000 x "];
  return `${Number((one * times).toFixed(7))} USD for ${of}${unit}`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function costTable(bills: readonly (readonly Line[])[]): string[] {
  const [first = []] = bills;
  const lines = first.map(({ what }, index) => {
    const cells = bills.map((lines_) => {
      const line = lines_[index];
      return line ? `${amount(line.quantity)}: ${usd(line.usd)}` : "";
    });
    return row([what, ...cells]);
  });
  return [
    row(["a month", ...CROWDS.map(({ name }) => name)]),
    row(["---", ...CROWDS.map(() => "---:")]),
    ...lines,
    row(["**together, USD**", ...bills.map((lines_) => `**${usd(total(lines_))}**`)]),
    row([
      "an agent, USD",
      ...CROWDS.map(({ agents }, index) => (agents ? usd(total(bills[index] ?? []) / agents) : "")),
    ]),
  ];
}

function requestTable({ requests }: CostFigures): string[] {
  return [
    row(["request", "an hour", "AWS calls", "read units", "write units", "ms"]),
    row(["---", "---:", "---:", "---:", "---:", "---:"]),
    ...Object.entries(REQUESTS_AN_HOUR).map(([name, anHour]) => {
      const { calls, read, write, milliseconds } = requests[name] ?? { calls: 0, read: 0, write: 0, milliseconds: 0 };
      return row([name, ...[anHour, calls, read, write, milliseconds].map(amount)]);
    }),
  ];
}

/** docs/cost.md. */
export function costDocument(figures: CostFigures, standing: Standing): string {
  const bills = CROWDS.map(({ agents }) => bill(agents, figures, standing));
  return `${[
    "# What it costs",
    "",
    "Worked out by `npm run cost` from what the bench has measured and from list prices; not a bill. Each cell is a quantity and",
    "what it costs in USD. There is no free tier in it: with one, an idle stage costs a secret and some alarms.",
    "",
    ...costTable(bills),
    "",
    "Not in it: what goes over the distribution and out to the internet, builds of CodeBuild, people who sign in (the user pool",
    "bills those who are active), and traces.",
    "",
    "## What an agent does",
    "",
    `An assumption: ${HOURS_A_MONTH} hours of work a month, in each of them the requests below, ${DOCUMENTS_AN_HOUR.written} document written and`,
    `${DOCUMENTS_AN_HOUR.read} read. The figures of a request are the bench's of ${figures.measured}, against DynamoDB Local: it counts more units for a`,
    "transaction than AWS. Milliseconds are those of one machine with whole processors; Lambda gives 256 MB a seventh of one, so",
    "that what is computed takes longer there, and what is waited for does not.",
    "",
    ...requestTable(figures),
    "",
    "## What there is while nobody works",
    "",
    `${standing.alarmMetrics} metrics that alarms look at (\`--param alarms=false\` leaves them out), ${standing.secrets} secret, ${amount(standing.scheduledRuns)} runs of schedules a`,
    "month, and Lambda's questions to the queue of deployments. Reading streams is free.",
    "",
    "## Prices",
    "",
    `Of us-east-1, on demand, as listed in ${PRICES_AS_OF}; those of DynamoDB are from after its cut of November 2024. The lists of AWS`,
    "are authoritative: [Lambda](https://aws.amazon.com/lambda/pricing/), [API Gateway](https://aws.amazon.com/api-gateway/pricing/),",
    "[DynamoDB](https://aws.amazon.com/dynamodb/pricing/on-demand/), [S3](https://aws.amazon.com/s3/pricing/),",
    "[SQS](https://aws.amazon.com/sqs/pricing/), [CloudWatch](https://aws.amazon.com/cloudwatch/pricing/),",
    "[Secrets Manager](https://aws.amazon.com/secrets-manager/pricing/). They stand in `scripts/cost/prices.ts`.",
    "",
    ...Object.values(PRICES).map((price) => `- ${priceText(price)}`),
  ].join("\n")}\n`;
}
