import { z } from 'zod';
import { currencyShape, nameShape, nativeNameShape, scalarShape } from './parts.ts';

const signShape = z.enum(['.', ',']);

/** The transforms, each under the key that people write. As keys of a mapping or as items of `steps`. */
const stepShapes = {
  lookup: z
    .strictObject({ object: nativeNameShape, key: nativeNameShape, take: nativeNameShape })
    .meta({ description: 'The value is field `key` of another native object; the result is its field `take`.' }),
  json_path: z
    .string()
    .min(1, 'must not be empty')
    .max(500, 'must have at most 500 characters')
    .meta({ description: 'A value inside JSON: items[0].sku' }),
  split: z
    .strictObject({ on: z.string().min(1, 'must not be empty'), take: z.int() })
    .meta({ description: 'A part of a text: 1 is the first, -1 the last.' }),
  trim: z.literal(true),
  lower: z.literal(true),
  email_domain: z.literal(true),
  number: z.union([z.literal(true), z.strictObject({ decimal: signShape })]),
  money: z.union([z.literal(true), z.strictObject({ decimal: signShape.optional(), code: currencyShape.optional() })]),
  midpoint: z.union([z.literal(true), z.strictObject({ decimal: signShape })]),
  unit: z
    .strictObject({ from: z.string(), to: z.string() })
    .meta({ description: 'A quantity in `from` to the same in `to`.' }),
  date: z.union([z.literal(true), z.strictObject({ order: z.enum(['ymd', 'dmy', 'mdy']) })]),
  value_map: z.record(z.string(), z.string()).meta({ description: 'Native value to model value.' }),
  match: z
    .strictObject({ by: nameShape, as: z.enum(['exact', 'email', 'domain']).optional() })
    .meta({ description: 'The value is field `by` of the model that the reference leads to.' }),
  default: scalarShape,
};

const otherwiseShape = z.union([z.null(), z.enum(['null', 'keep'])]);

export const stepBlockShape = z.strictObject({
  lookup: stepShapes.lookup.optional(),
  json_path: stepShapes.json_path.optional(),
  split: stepShapes.split.optional(),
  trim: stepShapes.trim.optional(),
  lower: stepShapes.lower.optional(),
  email_domain: stepShapes.email_domain.optional(),
  number: stepShapes.number.optional(),
  money: stepShapes.money.optional(),
  midpoint: stepShapes.midpoint.optional(),
  unit: stepShapes.unit.optional(),
  date: stepShapes.date.optional(),
  value_map: stepShapes.value_map.optional(),
  otherwise: otherwiseShape.optional(),
  match: stepShapes.match.optional(),
  default: stepShapes.default.optional(),
});

/** Keys that start a mapping without a native field. */
export const sourceShapes = {
  constant: scalarShape,
  template: z
    .string()
    .min(1, 'must not be empty')
    .meta({ description: 'Text with native field names in braces: "{FirstName} {LastName}".' }),
  concat: z
    .strictObject({
      fields: z.array(nativeNameShape).min(1, 'must not be empty').max(20, 'must have at most 20 fields'),
      separator: z.string().optional(),
    })
    .meta({ description: 'The native fields that have a value, with `separator` between them.' }),
};

export type RawStep = z.infer<typeof stepBlockShape>;
