import { OdooError } from '../errors.ts';
import type { FieldDef } from '../schema/field.ts';

export const SECOND_US = 1_000_000;

const TIME = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2})?)(\.\d{1,6})?)?$/;

/** `YYYY-MM-DD HH:MM:SS` in UTC, with or without a fraction, or a day alone. */
export function readTime(field: FieldDef, value: unknown): { readonly us: number; readonly wholeDay: boolean } {
  const [, day, clock, fraction] = (typeof value === 'string' ? TIME.exec(value) : null) ?? [];
  const ms = Date.parse(`${day ?? ''}T${clock ?? '00:00:00'}Z`);
  if (day === undefined || Number.isNaN(ms)) {
    throw new OdooError('value', `Invalid isoformat string: ${JSON.stringify(value)} for ${field.name}`);
  }
  return { us: ms * 1000 + Math.round(Number(fraction ?? 0) * SECOND_US), wholeDay: clock === undefined };
}

/** As the API writes times: UTC, cut off at the second. */
export function writeTime(us: number): string {
  return new Date(Math.floor(us / 1000)).toISOString().slice(0, 19).replace('T', ' ');
}
