import { z } from 'zod';
import { fieldTypes } from '../../schema/index.ts';
import { nameShape, titleShape, valueShape, whyShape } from './parts.ts';

const fieldTypeShape = z.enum(fieldTypes);

const fieldBlockShape = z.strictObject({
  type: fieldTypeShape,
  title: titleShape.optional(),
  why: whyShape.optional().meta({ description: 'What it means to the business; agents read it.' }),
  values: z.array(z.string().min(1, 'must not be empty')).min(1, 'must have at least one value').optional(),
  to: nameShape.optional().meta({ description: 'Model that a reference leads to.' }),
  on: nameShape.optional().meta({ description: 'Field of that model which the value equals.' }),
  currency: valueShape(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as EUR').optional(),
  required: z.boolean().optional(),
  sensitive: z.boolean().optional().meta({ description: 'Granted only where a grant names it.' }),
  deprecated: z.union([z.boolean(), z.strictObject({ replaced_by: nameShape })]).optional(),
});

/** models/*.yaml */
export const modelShape = z.strictObject({
  model: nameShape,
  title: titleShape.optional(),
  why: whyShape.optional(),
  label: nameShape.optional().meta({ description: 'Field that names a record to people.' }),
  fields: z.record(nameShape, z.union([fieldTypeShape, fieldBlockShape])),
  many: z.record(nameShape, z.strictObject({ model: nameShape, via: nameShape })).optional(),
});

export type RawModel = z.infer<typeof modelShape>;
export type RawField = z.infer<typeof fieldBlockShape>;
