/** How often a working agent makes a request in an hour of work, by the name that the bench has for it. */
export const REQUESTS_AN_HOUR: Readonly<Record<string, number>> = {
  get: 30,
  patch: 12,
  create: 3,
  log: 12,
  "claims/next": 3,
  heartbeat: 12,
  release: 3,
  "first page of 50": 4,
  "ready, page of 50": 4,
  history: 2,
};

/** Hours in which an agent works, a month: eight on each of 22 days. */
export const HOURS_A_MONTH = 176;

/** What of each request is written beside it, in bytes: the line of the function's log, with what Lambda adds. */
export const LOG_BYTES_A_REQUEST = 700;

/** What a change leaves in the tables: its history entry, and its share of the record. */
export const BYTES_A_CHANGE = 2_000;

/** Documents that an agent writes, and reads, in an hour. */
export const DOCUMENTS_AN_HOUR = { written: 1, read: 4 };

export interface Crowd {
  name: string;
  agents: number;
}

export const CROWDS: readonly Crowd[] = [
  { name: "idle", agents: 0 },
  { name: "10 agents", agents: 10 },
  { name: "1,000 agents", agents: 1_000 },
];
