import { spawn } from "node:child_process";
import { once } from "node:events";
import { findSecrets, type SecretFinding } from "./find-secrets.ts";

const COMMIT = "commit:";

/** Follows what `git log --patch` prints, line by line, and looks at what each commit has added. */
class AddedLines {
  #commit = "";
  #file = "";
  #line = 0;
  /** Lines of the hunk that are still to come: within it nothing is a header, whatever it looks like. */
  #left = { added: 0, removed: 0 };

  read(line: string): SecretFinding[] {
    if (this.#left.added > 0 || this.#left.removed > 0) return this.#content(line);
    const [, removed = "1", from, added = "1"] = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line) ?? [];
    if (from !== undefined) {
      this.#line = Number(from);
      this.#left = { added: Number(added), removed: Number(removed) };
    } else if (line.startsWith(COMMIT)) this.#commit = line.slice(COMMIT.length);
    // Behind a name with a blank in it there is a tab.
    else if (line.startsWith("+++ ")) this.#file = line.slice("+++ ".length).replace(/\t$/, "");
    return [];
  }

  #content(line: string): SecretFinding[] {
    if (line.startsWith("-")) this.#left.removed -= 1;
    if (!line.startsWith("+")) return [];
    this.#left.added -= 1;
    const found = findSecrets(this.#file, line.slice(1));
    const at = { line: this.#line, commit: this.#commit };
    this.#line += 1;
    return found.map((one) => ({ ...one, ...at }));
  }
}

/** Lines end where git ends them, and nowhere else: a carriage return within one hides nothing. */
async function* linesOf(stream: AsyncIterable<string>): AsyncGenerator<string> {
  let pieces: string[] = [];
  for await (const chunk of stream) {
    const [first = "", ...others] = chunk.split("\n");
    pieces.push(first);
    for (const other of others) {
      yield pieces.join("");
      pieces = [other];
    }
  }
  yield pieces.join("");
}

/**
 * What looks like a secret in the lines that commits have added, also where a later one has taken it away.
 * @param revisions as for `git log`: `["--all"]`, or `[id, "--not", "--remotes"]`
 * @throws Error when git does not know them
 */
export async function secretsInHistory(root: string, revisions: readonly string[]): Promise<SecretFinding[]> {
  const shown = ["--patch", "--unified=0", "--text", "--no-color", "--no-ext-diff", "--no-textconv", "--no-prefix"];
  const args = ["-c", "core.quotePath=false", "log", ...shown, "--diff-merges=first-parent", `--format=${COMMIT}%H`];
  const child = spawn("git", [...args, ...revisions, "--"], { cwd: root, stdio: ["ignore", "pipe", "ignore"] });
  const ended = once(child, "close").then(
    ([code]) => (code === 0 ? undefined : new Error(`git log ended with ${code ?? "a signal"}`)),
    (error: Error) => error,
  );
  child.stdout.setEncoding("latin1");
  const lines = new AddedLines();
  const findings: SecretFinding[] = [];
  for await (const line of linesOf(child.stdout)) {
    findings.push(...lines.read(line));
  }
  const failure = await ended;
  if (failure) throw failure;
  return findings;
}
