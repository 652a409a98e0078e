import { z } from 'zod';
import {
  filterShape,
  nameShape,
  nativeGlobShape,
  nativeNameShape,
  scalarShape,
  titleShape,
  valueShape,
  whyShape,
} from './parts.ts';

/** The transforms, each under the key that people write. As keys of a mapping or as items of `steps`. */
const stepShapes = {
  lookup: z
    .strictObject({ object: nativeNameShape, key: nativeNameShape, take: nativeNameShape })
    .meta({ description: 'The value is field `key` of another native object; the result is its field `take`.' }),
  trim: z.literal(true),
  lower: z.literal(true),
  email_domain: z.literal(true),
  number: z.union([z.literal(true), z.strictObject({ decimal: z.enum(['.', ',']) })]),
  date: z.union([z.literal(true), z.strictObject({ order: z.enum(['ymd', 'dmy', 'mdy']) })]),
  value_map: z.record(z.string(), z.string()).meta({ description: 'Native value to model value.' }),
  default: scalarShape,
};

const otherwiseShape = z.union([z.null(), z.enum(['null', 'keep'])]);

/** Keys that start a mapping without a native field. */
const sourceShapes = {
  constant: scalarShape,
  template: z
    .string()
    .min(1, 'must not be empty')
    .meta({ description: 'Text with native field names in braces: "{FirstName} {LastName}".' }),
};

export const stepBlockShape = z.strictObject({
  lookup: stepShapes.lookup.optional(),
  trim: stepShapes.trim.optional(),
  lower: stepShapes.lower.optional(),
  email_domain: stepShapes.email_domain.optional(),
  number: stepShapes.number.optional(),
  date: stepShapes.date.optional(),
  value_map: stepShapes.value_map.optional(),
  otherwise: otherwiseShape.optional(),
  default: stepShapes.default.optional(),
});

const labelRefShape = z.strictObject({
  label: z.string().min(1, 'must not be empty').max(255, 'must have at most 255 characters'),
});

const mappingBlockShape = stepBlockShape.extend({
  from: z.union([nativeNameShape, labelRefShape]).optional(),
  constant: sourceShapes.constant.optional(),
  template: sourceShapes.template.optional(),
  steps: z
    .array(stepBlockShape)
    .max(8, 'must have at most 8 steps')
    .optional()
    .meta({ description: 'Transforms in an order of your own.' }),
  on_missing: z.union([z.null(), z.enum(['null', 'empty', 'skip'])]).optional(),
  why: whyShape.optional(),
});

const objectShape = z.strictObject({
  model: nameShape.optional(),
  sync: z
    .strictObject({
      backfill: valueShape(
        /^(all|[1-9][0-9]{0,3}[dwmy])$/,
        'must be `all` or an age such as 90d, 12w, 6m or 2y',
      ).optional(),
      every: valueShape(/^[1-9][0-9]{0,3}[smhd]$/, 'must be a time such as 30s, 5m, 1h or 1d').optional(),
    })
    .optional(),
  where: filterShape.optional(),
  fields: z.record(nameShape, z.union([nativeNameShape, mappingBlockShape])).optional(),
});

/** integrations/*.yaml */
export const integrationShape = z.strictObject({
  integration: nameShape,
  title: titleShape.optional(),
  connector: z.string(),
  trust: z.enum(['record', 'engagement', 'last_resort']),
  mode: z.enum(['read_only', 'propose_only', 'gated', 'autonomous']).optional(),
  on_call: z.string().min(1, 'must not be empty').optional(),
  also_sync: z.array(nativeGlobShape).optional(),
  objects: z.record(nativeNameShape, objectShape),
});

export type RawIntegration = z.infer<typeof integrationShape>;
export type RawObject = z.infer<typeof objectShape>;
export type RawMapping = z.infer<typeof mappingBlockShape>;
export type RawStep = z.infer<typeof stepBlockShape>;
