import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Where Chromium, or a browser built from it, is found on the usual systems. */
const PLACES = [
  process.env.CHROMIUM_PATH ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

const FLAGS = [
  "--headless",
  // Containers give it no namespaces of its own; what it opens here is ours.
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** @returns the program; undefined where none is installed */
export function findChromium(): string | undefined {
  return PLACES.find((path) => path !== "" && existsSync(path));
}

/** Starts a browser with a profile of its own, which goes with it. */
export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, headless: true, args: FLAGS });
}
