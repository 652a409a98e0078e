import { z } from 'zod';
import { nameShape } from './parts.ts';
import { operationShape } from './operation-shape.ts';
import { verbShape } from './write-shape.ts';

const objectRule = 'must be a model, or <integration>.<object>';

/** What `defineOperation` is called with, but for `plan`. */
export const codeOperationShape = operationShape.omit({ on: true, sets: true }).extend({
  model: nameShape,
  records: z.boolean().optional(),
  reads: z.array(nameShape).max(100, 'must have at most 100 fields').optional(),
  writes: z.record(
    z.string().regex(/^[a-z][a-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_.$:-]*)?$/, objectRule),
    z.array(verbShape),
  ),
  on_failure: z.enum(['stop', 'take_back']).optional(),
});

export type RawCodeOperation = z.infer<typeof codeOperationShape>;
