import { z } from 'zod';
import { deprecatedShape } from './deprecated-shape.ts';
import { filterShape, nameShape, scalarShape, titleShape, whyShape } from './parts.ts';
import { verbShape, wordsShape } from './write-shape.ts';

const inputShape = z.strictObject({
  type: z.enum(['string', 'boolean', 'integer', 'number', 'date', 'datetime', 'enum']),
  values: z.array(z.string().min(1, 'must not be empty')).min(1, 'must have at least one value').optional(),
  default: scalarShape.optional(),
  required: z.boolean().optional().meta({ description: 'True where it is not said and there is no default.' }),
  why: whyShape.optional(),
});

const termShape = z.union([nameShape, z.number(), z.strictObject({ change: nameShape })]);
const termsShape = z.array(termShape).min(1, 'must not be empty').max(10, 'must have at most 10 terms');

const impactShape = z
  .union([termShape, z.strictObject({ sum: termsShape }), z.strictObject({ product: termsShape })])
  .meta({ description: 'What it is worth: a field, {change: field}, {sum: [...]} or {product: [...]}.' });

const preconditionShape = z.union([
  z.string().min(1, 'must not be empty').max(300, 'must have at most 300 characters'),
  z.strictObject({
    text: z.string().min(1, 'must not be empty').max(300, 'must have at most 300 characters'),
    where: filterShape,
  }),
]);

/** One of `operations` of a model. */
export const operationShape = z.strictObject({
  title: titleShape.optional(),
  why: whyShape.optional(),
  intent: whyShape.optional().meta({ description: 'When an agent should use it; agents read it.' }),
  on: verbShape,
  input: z.record(nameShape, inputShape).optional(),
  sets: z
    .record(nameShape, z.union([z.null(), scalarShape, z.strictObject({ input: nameShape })]))
    .optional()
    .meta({ description: 'Model field to its value: a literal, or {input: name}.' }),
  safety: z.enum(['safe_write', 'gated_write', 'forbidden']).optional(),
  side_effects: wordsShape.optional(),
  preconditions: z.array(preconditionShape).max(20, 'must have at most 20').optional(),
  reversibility: z.enum(['exact', 'compensating', 'none']).optional(),
  stability: z.enum(['stable', 'experimental', 'deprecated']).optional(),
  impact: impactShape.optional(),
  deprecated: deprecatedShape.optional(),
});

export type RawOperation = z.infer<typeof operationShape>;
export type RawImpact = z.infer<typeof impactShape>;
export type RawTerm = z.infer<typeof termShape>;
