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

export const scalarShape = z.union([z.string(), z.number(), z.boolean()]);
