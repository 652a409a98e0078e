import type { AuditEntry } from '../api/types.ts';

const columns = ['seq', 'at', 'kind', 'sentence', 'who', 'plan', 'record', 'reason', 'amount'] as const;

/** A table for spreadsheets (RFC 4180). What one would take for a formula gets an apostrophe in front. */
export function csvText(entries: readonly AuditEntry[]): string {
  const rows = entries.map(({ seq, at, kind, sentence, actor, subject, reason, amount }) => {
    const who = [actor?.agent ?? actor?.name ?? '', actor?.principal ?? ''].filter((part) => part !== '').join(' for ');
    const worth = amount === undefined || amount === null ? '' : String(amount);
    return [String(seq), at, kind, sentence, who, subject?.plan ?? '', subject?.record ?? '', reason ?? '', worth];
  });
  return [columns, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(value: string): string {
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

export const jsonLines = (entries: readonly AuditEntry[]): string =>
  entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
