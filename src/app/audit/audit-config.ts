import { resolve } from 'node:path';
import { GantryError, limits } from '../../kernel/index.ts';

/** What the surroundings decide of the audit. */
export interface AuditConfig {
  /** Where signed checkpoints are written; absent: `audit` in the data folder. */
  readonly auditDir?: string;
  /** Public keys that go with former master keys: with them signatures are checked, and nothing else. */
  readonly auditPublicKeys: readonly Uint8Array[];
  /** Entries are kept for so many days. */
  readonly auditKeepDays: number;
  /** Plans, with their writes and approvals, for so many days after their end. */
  readonly planKeepDays: number;
}

/**
 * `GANTRY_AUDIT_DIR`: a folder, best where the database's administrator cannot
 * write. `GANTRY_AUDIT_KEEP_DAYS` (190), at least 183: six months, as the EU's
 * AI Act asks (Articles 19 and 26). `GANTRY_PLAN_KEEP_DAYS` (as long as the
 * audit), no less than that: the audit tells of them. `GANTRY_AUDIT_PUBLIC_KEYS`
 * (hex, comma separated). Raises `config_invalid`.
 */
export function auditConfigIn(env: Readonly<Record<string, string | undefined>>): AuditConfig {
  const folder = env['GANTRY_AUDIT_DIR'];
  const auditKeepDays = daysIn(env, 'GANTRY_AUDIT_KEEP_DAYS', {
    what: 'The audit has',
    least: limits.auditKeepDaysMin,
    usual: limits.auditKeepDays,
  });
  return {
    ...(folder === undefined || folder === '' ? {} : { auditDir: resolve(folder) }),
    auditPublicKeys: publicKeysIn(env['GANTRY_AUDIT_PUBLIC_KEYS'] ?? ''),
    auditKeepDays,
    planKeepDays: daysIn(env, 'GANTRY_PLAN_KEEP_DAYS', {
      what: 'Plans have',
      least: auditKeepDays,
      usual: auditKeepDays,
    }),
  };
}

function publicKeysIn(text: string): Uint8Array[] {
  const keys = text
    .split(',')
    .map((key) => key.trim())
    .filter((key) => key !== '');
  if (keys.every((key) => /^[0-9a-f]{64}$/.test(key)))
    return keys.map((key) => new Uint8Array(Buffer.from(key, 'hex')));
  throw new GantryError('config_invalid', {
    message: 'A public key is 64 digits 0 to 9 and a to f.',
    where: 'GANTRY_AUDIT_PUBLIC_KEYS',
    fix: 'Write what `gantry audit key` said under each former master key, with commas between them.',
  });
}

function daysIn(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
  { what, least, usual }: { readonly what: string; readonly least: number; readonly usual: number },
): number {
  const text = env[name];
  if (text === undefined || text === '') return usual;
  const most = limits.auditKeepDaysMax;
  const days = Number(text);
  if (Number.isInteger(days) && days >= least && days <= most) return days;
  throw new GantryError('config_invalid', {
    message:
      days < least
        ? `${what} to be kept for at least ${String(least)} days, and "${text.slice(0, 80)}" is less.`
        : `"${text.slice(0, 80)}" is not a number of days.`,
    where: name,
    fix: `Set it to a whole number of days from ${String(least)} to ${String(most)}, or leave it out: ${String(usual)} then.`,
  });
}
