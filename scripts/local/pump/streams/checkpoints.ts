import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Where a mapping stands in a shard: after this sequence number, or at the end of a closed shard. */
export type Checkpoint = { after: string } | { finished: true };

type State = Record<string, Record<string, Checkpoint>>;

/** The positions of all mappings, kept in one file, so that a restart neither repeats nor loses records. */
export class Checkpoints {
  readonly #file: string | undefined;
  readonly #state: State;
  #saving: Promise<void> = Promise.resolve();
  #unsaved = false;

  private constructor(file: string | undefined, state: State) {
    this.#file = file;
    this.#state = state;
  }

  static async load(file: string | undefined): Promise<Checkpoints> {
    const text = file === undefined ? "{}" : await readFile(file, "utf8").catch(() => "{}");
    return new Checkpoints(file, JSON.parse(text) as State);
  }

  /** Undefined for a mapping that has not read anything yet. */
  of(mapping: string): Readonly<Record<string, Checkpoint>> | undefined {
    return this.#state[mapping];
  }

  set(mapping: string, shardId: string, checkpoint: Checkpoint): void {
    const shards = this.#state[mapping] ?? {};
    shards[shardId] = checkpoint;
    this.#state[mapping] = shards;
    this.#save();
  }

  /** Forgets shards that the stream no longer has. */
  prune(mapping: string, existing: ReadonlySet<string>): void {
    const shards = this.#state[mapping] ?? {};
    for (const shardId of Object.keys(shards)) if (!existing.has(shardId)) delete shards[shardId];
  }

  /** Ends when everything set so far is in the file. */
  async flush(): Promise<void> {
    await this.#saving;
  }

  /** One write at a time, of the newest state; a write that fails costs a repetition, which functions must bear. */
  #save(): void {
    const file = this.#file;
    if (file === undefined || this.#unsaved) return;
    this.#unsaved = true;
    this.#saving = this.#saving
      .then(async () => {
        this.#unsaved = false;
        await mkdir(dirname(file), { recursive: true });
        await writeFile(`${file}.new`, JSON.stringify(this.#state));
        await rename(`${file}.new`, file);
      })
      .catch(() => undefined);
  }
}
