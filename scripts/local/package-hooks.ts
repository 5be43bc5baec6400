export function withoutAws(_command: string | undefined): Record<string, () => Promise<void>> {
  return {};
}
