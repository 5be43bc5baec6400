// Stands in for the Lambda runtime in a fresh process: loads a handler, gives it the events of the command line one
// after the other and writes its answers, a line of JSON each, to file descriptor 3. Plain CommonJS, so that nothing
// but the handler costs time.
const { writeSync } = require("node:fs");

const [file, exported, ...events] = process.argv.slice(2);
const handler = require(file)[exported];
if (typeof handler !== "function") throw new Error(`${file} exports no function ${exported}`);

async function answerAll() {
  writeSync(3, `${JSON.stringify({ loaded: typeof handler })}\n`);
  for (const event of events) {
    const answer = await handler(JSON.parse(event), { awsRequestId: "none", getRemainingTimeInMillis: () => 10_000 });
    writeSync(3, `${JSON.stringify(answer ?? null)}\n`);
  }
}

answerAll().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
