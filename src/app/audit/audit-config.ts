import { resolve } from 'node:path';
import { GantryError, limits } from '../../kernel/index.ts';

/** What the surroundings decide of the audit. */
export interface AuditConfig {
  /** Where signed checkpoints are written; absent: `audit` in the data folder. */
  readonly auditDir?: string;
  /** Entries are kept for so many days. */
  readonly auditKeepDays: number;
}

/**
 * `GANTRY_AUDIT_DIR`: a folder, best where the database's administrator cannot
 * write. `GANTRY_AUDIT_KEEP_DAYS` (190), at least 183: six months, as the EU's
 * AI Act asks (Articles 19 and 26). Raises `config_invalid`.
 */
export function auditConfigIn(env: Readonly<Record<string, string | undefined>>): AuditConfig {
  const folder = env['GANTRY_AUDIT_DIR'];
  return {
    ...(folder === undefined || folder === '' ? {} : { auditDir: resolve(folder) }),
    auditKeepDays: daysIn(env['GANTRY_AUDIT_KEEP_DAYS']),
  };
}

function daysIn(text: string | undefined): number {
  if (text === undefined || text === '') return limits.auditKeepDays;
  const [least, most] = [limits.auditKeepDaysMin, limits.auditKeepDaysMax];
  const days = Number(text);
  if (Number.isInteger(days) && days >= least && days <= most) return days;
  throw new GantryError('config_invalid', {
    message:
      days < least
        ? `The audit has to be kept for at least ${String(least)} days, and "${text.slice(0, 80)}" is less.`
        : `"${text.slice(0, 80)}" is not a number of days.`,
    where: 'GANTRY_AUDIT_KEEP_DAYS',
    fix: `Set it to a whole number of days from ${String(least)} to ${String(most)}, or leave it out: ${String(limits.auditKeepDays)} then.`,
  });
}
