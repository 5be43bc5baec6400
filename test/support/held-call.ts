/** A client of the AWS SDK, as far as a test stands in its way. */
interface Client {
  send: (command: never, ...rest: never[]) => Promise<unknown>;
}

export type CommandClass = abstract new (...parameters: never[]) => unknown;

/** A call that waits to be sent. */
export interface HeldCall {
  /** Settles when the call is about to be sent. */
  met: Promise<void>;
  letGo: () => void;
}

/** Holds back the next call of a kind that this process makes; those that follow pass it. */
export function holdNext(client: object, kind: CommandClass): HeldCall {
  const held = client as Client;
  const { send } = held;
  const met = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  held.send = async (command, ...rest) => {
    if ((command as unknown) instanceof kind) {
      held.send = send;
      met.resolve();
      await gone.promise;
    }
    return send.call(held, command, ...rest);
  };
  return { met: met.promise, letGo: gone.resolve };
}
