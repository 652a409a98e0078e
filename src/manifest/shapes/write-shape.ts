import { z } from 'zod';
import { filterShape, nameShape, nativeNameShape } from './parts.ts';

export const verbShape = z.enum(['create', 'update', 'upsert', 'delete']);

const verbsShape = z
  .array(verbShape)
  .min(1, 'must have at least one operation')
  .meta({ description: 'create, update, upsert, delete.' });

export const wordsShape = z
  .array(z.string().min(1, 'must not be empty').max(300, 'must have at most 300 characters'))
  .max(20, 'must have at most 20 lines');

/** `write` of an object of an integration. */
export const objectWriteShape = z
  .strictObject({
    operations: verbsShape,
    guards: z
      .record(nativeNameShape, z.enum(['always', 'never', 'if_empty']))
      .optional()
      .meta({ description: 'By model field or native one: whether what stands there may be overwritten.' }),
    unmapped: z
      .record(
        nameShape,
        z.union([z.enum(['skip', 'error', 'create_field']), z.strictObject({ store_in: nativeNameShape })]),
      )
      .optional()
      .meta({ description: 'By model field: what becomes of a value that no native field takes.' }),
    side_effects: wordsShape.optional().meta({ description: 'What else happens there, in words.' }),
  })
  .meta({ description: 'What may be written; without it nothing. `scope.write` and `mode` hold besides.' });

/** `write` of an agent's grant, by object. */
export const writeGrantShape = z.strictObject({
  operations: verbsShape,
  fields: z.union([z.literal('*'), z.array(z.string()).min(1, 'must have at least one field')]).optional(),
  where: filterShape.optional().meta({ description: 'Only records that are so before the write.' }),
});

export type RawObjectWrite = z.infer<typeof objectWriteShape>;
export type RawWriteGrant = z.infer<typeof writeGrantShape>;
