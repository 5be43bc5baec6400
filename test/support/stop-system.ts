/** Stops what the start has left for it. */
export default async function stopAfterTests(): Promise<void> {
  await globalThis.stopTestSystem?.();
}
