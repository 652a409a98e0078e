/** A value that should be text, as Python would write it down. */
export function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === false || value === null || value === undefined ? '' : JSON.stringify(value);
}
