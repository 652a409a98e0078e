/** Zendesk shows whole seconds: `2026-01-31T09:00:00Z`. */
export function isoSeconds(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}

export function secondsOf(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}
