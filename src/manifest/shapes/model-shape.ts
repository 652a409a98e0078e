import { z } from 'zod';
import { fieldTypes } from '../../schema/index.ts';
import { operationShape } from './operation-shape.ts';
import { currencyShape, nameShape, titleShape, whyShape } from './parts.ts';
import { deprecatedShape } from './deprecated-shape.ts';

const fieldTypeShape = z.enum(fieldTypes);

export const matchFormShape = z.enum(['exact', 'email', 'domain']);

export const fieldBlockShape = z.strictObject({
  type: fieldTypeShape,
  title: titleShape.optional(),
  why: whyShape.optional().meta({ description: 'What it means to the business; agents read it.' }),
  values: z.array(z.string().min(1, 'must not be empty')).min(1, 'must have at least one value').optional(),
  to: nameShape.optional().meta({ description: 'Model that a reference leads to.' }),
  on: nameShape.optional().meta({ description: 'Field of that model which the value equals.' }),
  currency: currencyShape.optional(),
  currency_field: nameShape.optional().meta({ description: "Field with each record's own ISO 4217 code." }),
  required: z.boolean().optional(),
  sensitive: z.boolean().optional().meta({ description: 'Granted only where a grant names it.' }),
  deprecated: deprecatedShape.optional(),
});

const fieldShape = z.union([fieldTypeShape, fieldBlockShape]);

/** A field that only one tenant has: it cannot be asked of objects that the project maps, nor be phased out. */
export const extraFieldShape = z.union([fieldTypeShape, fieldBlockShape.omit({ required: true, deprecated: true })]);

/** models/*.yaml */
export const modelShape = z.strictObject({
  model: nameShape,
  title: titleShape.optional(),
  why: whyShape.optional(),
  label: nameShape.optional().meta({ description: 'Field that names a record to people.' }),
  match: z
    .array(z.union([nameShape, z.strictObject({ field: nameShape, as: matchFormShape.optional() })]))
    .min(1, 'must have at least one field')
    .optional()
    .meta({ description: 'Fields by which records of several systems are one and the same, strongest first.' }),
  deprecated: deprecatedShape.optional(),
  fields: z.record(nameShape, fieldShape),
  many: z.record(nameShape, z.strictObject({ model: nameShape, via: nameShape })).optional(),
  operations: z
    .record(nameShape, operationShape)
    .optional()
    .meta({ description: 'What may be done with its records, thought through; agents run them by name.' }),
});

export type RawModel = z.infer<typeof modelShape>;
export type RawField = z.infer<typeof fieldBlockShape>;
