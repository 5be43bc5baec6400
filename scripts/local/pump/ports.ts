import type { Invoke } from "./invocation.ts";
import type { Outbox } from "./outbox.ts";

/** What the sources share: the way to each function, and to where failures go. */
export interface PumpPorts {
  invokerOf(key: string): Invoke;
  outbox: Outbox;
}
