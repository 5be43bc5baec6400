import { once } from "node:events";
import { createInterface, type Interface } from "node:readline/promises";
import { UserError } from "../api/user-error.ts";

/** Questions to the person at the terminal. */
export class Questions {
  readonly #lines: Interface;
  /** Fails when the person leaves, by Ctrl-C or the end of their input. */
  readonly #left: Promise<never>;

  constructor(input: NodeJS.ReadableStream = process.stdin, output: NodeJS.WritableStream = process.stdout) {
    this.#lines = createInterface({ input, output });
    this.#left = once(this.#lines, "close").then(() => {
      throw new UserError("\nNothing is written.");
    });
    // Whoever is through with asking closes it, too.
    this.#left.catch(() => {});
  }

  /** @param standard what an empty answer stands for */
  async text(question: string, standard?: string): Promise<string> {
    for (;;) {
      const asked = this.#lines.question(`${question}${standard ? ` [${standard}]` : ""}: `);
      const answer = (await Promise.race([asked, this.#left])).trim() || standard;
      if (answer) return answer;
    }
  }

  /** One of some answers; the beginning of one is enough. */
  async oneOf<Answer extends string>(question: string, answers: readonly Answer[]): Promise<Answer> {
    for (;;) {
      const given = await this.text(`${question} (${answers.join(", ")})`);
      const found = answers.filter((answer) => answer === given || answer.startsWith(given));
      const exact = found.find((answer) => answer === given) ?? (found.length === 1 ? found[0] : undefined);
      if (exact !== undefined) return exact;
    }
  }

  async agree(question: string): Promise<boolean> {
    return /^y(es)?$/i.test(await this.text(`${question} (y/n)`, "y"));
  }

  close(): void {
    this.#lines.close();
  }
}

/** Stands in for a person where there is none. */
export function missing(flag: string): never {
  throw new UserError(
    `--${flag} is needed: nobody can be asked here. \`npm run new:function -- --help\` has all options.`,
  );
}
