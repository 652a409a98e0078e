/**
 * A line of CSV (RFC 4180). A text that a spreadsheet would take for a formula
 * gets an apostrophe in front: what customers and agents wrote is in there.
 */
export function csvLine(values: readonly string[]): string {
  return values.map(cell).join(',');
}

function cell(value: string): string {
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
