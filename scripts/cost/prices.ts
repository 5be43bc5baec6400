/** A price in USD, for one unit. */
export interface Price {
  usd: number;
  unit: string;
}

/** The year of the price lists: us-east-1, on demand, the first tier, without any free tier. */
export const PRICES_AS_OF = "2025";

const MILLION = 1_000_000;

/** What the lists say. */
export const PRICES = {
  httpApiRequest: { usd: 1.0 / MILLION, unit: "request to an HTTP API" },
  lambdaRequest: { usd: 0.2 / MILLION, unit: "call of a function" },
  lambdaGbSecond: { usd: 0.000_013_333_4, unit: "GB-second, arm64" },
  dynamodbWriteUnit: { usd: 0.625 / MILLION, unit: "write request unit" },
  dynamodbReadUnit: { usd: 0.125 / MILLION, unit: "read request unit" },
  dynamodbGbMonth: { usd: 0.25, unit: "GB-month of a table" },
  dynamodbRecoveryGbMonth: { usd: 0.2, unit: "GB-month that can be brought back (point-in-time recovery)" },
  s3Put: { usd: 0.005 / 1_000, unit: "PUT or LIST" },
  s3Get: { usd: 0.0004 / 1_000, unit: "GET" },
  sqsRequest: { usd: 0.5 / MILLION, unit: "request, FIFO queue" },
  logsGb: { usd: 0.5, unit: "GB of logs taken in" },
  alarmMetricMonth: { usd: 0.1, unit: "metric of an alarm, a month" },
  secretMonth: { usd: 0.4, unit: "secret, a month" },
} as const satisfies Record<string, Price>;

export type PriceName = keyof typeof PRICES;
