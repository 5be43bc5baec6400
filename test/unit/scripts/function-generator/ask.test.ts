import { PassThrough } from "node:stream";
import { afterEach, describe, expect, it } from "@jest/globals";
import { Questions } from "../../../../scripts/function-generator/ask.ts";
import { chooseFunction } from "../../../../scripts/function-generator/choose.ts";
import { readRepository } from "../../../../scripts/function-generator/repository.ts";
import { ROOT } from "../../../../scripts/service/resolved-config.ts";

let questions: Questions | undefined;

afterEach(() => questions?.close());

/** A person who has these answers ready, one for each question. */
function personSaying(...answers: string[]): { questions: Questions; asked: () => string } {
  const input = new PassThrough();
  const output = new PassThrough();
  let asked = "";
  output.on("data", (chunk: Buffer) => {
    asked += chunk.toString();
    if (/: $/.test(chunk.toString())) setImmediate(() => input.write(`${answers.shift() ?? ""}\n`));
  });
  questions = new Questions(input, output);
  return { questions, asked: () => asked };
}

describe("what was not said on the command line", () => {
  it("is asked for, again where the answer is none, and the beginning of an answer is enough", async () => {
    const person = personSaying("htp", "http", "Lists prices", "tracker:re", "");
    const choice = await chooseFunction("price-list", { method: "GET" }, readRepository(ROOT), person.questions);
    expect(choice).toEqual({
      name: "price-list",
      about: "Lists prices",
      memory: 256,
      timeout: 10,
      trigger: "http",
      method: "GET",
      path: "/api/v1/price-list/{projectId}",
      scope: "tracker:read",
    });
    expect(person.asked().match(/What triggers it\?/g)).toHaveLength(2);
  });

  it("names the tables that have a stream", async () => {
    const person = personSaying("stream", "Follows documents", "Doc");
    const choice = await chooseFunction("price-index", { method: "GET" }, readRepository(ROOT), person.questions);
    expect(choice).toMatchObject({ trigger: "stream", table: "DocumentsTable" });
    expect(person.asked()).toContain("TrackerTable, DocumentsTable");
  });

  it("is nothing where the person leaves", async () => {
    const input = new PassThrough();
    questions = new Questions(input, new PassThrough());
    const asked = questions.text("What does it do?");
    input.end();
    await expect(asked).rejects.toThrow("Nothing is written.");
  });

  it("is yes where nothing is said against it", async () => {
    expect(await personSaying("").questions.agree("Write this?")).toBe(true);
    expect(await personSaying("n").questions.agree("Write this?")).toBe(false);
  });
});
