/**
 * Ends a process when the one that started this watchdog is gone, however it went: its end of the pipe closes then.
 * `node watchdog.ts PID`, with a pipe as standard input.
 */
const pid = Number(process.argv[2]);
process.stdin.resume();
process.stdin.on("end", () => {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
  process.exit(0);
});
// The pipe decides, not what the terminal sends to everybody.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});
process.on("SIGHUP", () => {});
