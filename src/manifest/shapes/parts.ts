import { z } from 'zod';
import { limits } from '../../kernel/index.ts';

/** Small pieces that the three file kinds share. Messages finish the sentence "`<value>` ...". */

/** What patterns say that are about values; all others are about names. */
export const valueRules = new Set<string>();

/** A text of a given form that is no name. */
export function valueShape(pattern: RegExp, rule: string): z.ZodString {
  valueRules.add(rule);
  return z.string().regex(pattern, rule);
}

export const nameRule = 'must start with a lower-case letter and have only a-z, 0-9 and _ (63 at most)';

/** Names of models, fields, relations and integrations: agents write them in SQL without quotes. */
export const nameShape = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, nameRule);

export const agentNameShape = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,62}$/, 'must start with a lower-case letter and have only a-z, 0-9, _ and - (63 at most)');

const nativeNameRule = 'must be a native API name: letters, digits, _ . $ : and -, starting with a letter or _';

/** The provider's API name of an object or field. */
export const nativeNameShape = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.$:-]{0,127}$/, nativeNameRule);

export const nativeGlobShape = z
  .string()
  .regex(/^[A-Za-z0-9_.$:*?-]{1,128}$/, 'must be a native API name, where * stands for any characters and ? for one');

export const titleShape = z
  .string()
  .min(1, 'must not be empty')
  .max(limits.labelCharsMax, `must have at most ${limits.labelCharsMax} characters`);

export const whyShape = z
  .string()
  .min(1, 'must not be empty')
  .max(limits.descriptionCharsMax, `must have at most ${limits.descriptionCharsMax} characters`);

/** Read by src/filter; its form is checked there, so that every filter has the same rules. */
export const filterShape = z.record(z.string(), z.unknown()).meta({ description: 'A filter, as in query_records.' });

/** A day of the calendar, written out. */
export const dayShape = valueShape(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, 'must be a day such as 2026-11-20');

export const currencyShape = valueShape(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as EUR');

export const slugShape = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be the slug of a tenant: a-z, 0-9 and - (63 at most)');

/** Bounds of what an agent may ask for; a grant sets them, an overlay lowers them. */
export const boundShapes = {
  rows_max: z
    .int()
    .min(1, 'must be at least 1')
    .max(limits.sqlRowsMax, `must be at most ${limits.sqlRowsMax}`)
    .optional(),
  calls_per_minute: z.int().min(1, 'must be at least 1').max(100_000, 'must be at most 100000').optional(),
};

export const scalarShape = z.union([z.string(), z.number(), z.boolean()]);
