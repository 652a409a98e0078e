import { z } from 'zod';
import { limits } from '../../kernel/index.ts';
import { agentNameShape, boundShapes, filterShape, nameShape, titleShape } from './parts.ts';

const objectNameShape = z
  .string()
  .regex(
    /^[a-z][a-z0-9_]{0,62}(\.[A-Za-z0-9_.$:*?-]{1,128})?$/,
    'must be a model (deal), a native object (crm.Opportunity) or a glob over native ones (crm.*)',
  );

const objectGrantShape = z.union([
  z.literal('*'),
  z.strictObject({
    fields: z.union([z.literal('*'), z.array(z.string()).min(1, 'must have at least one field')]).optional(),
    where: filterShape.optional(),
  }),
]);

const grantShape = z.strictObject({
  tools: z.array(z.string()).optional(),
  objects: z.record(objectNameShape, objectGrantShape).optional(),
  saved_queries: z
    .array(z.string())
    .max(limits.savedQueriesMax, `must have at most ${limits.savedQueriesMax} queries`)
    .optional()
    .meta({ description: 'Saved queries that are tools of their own for this agent.' }),
  ...boundShapes,
});

/** gantry.yaml */
export const projectShape = z.strictObject({
  gantry: z.literal(1).meta({ description: 'Version of this format.' }),
  project: nameShape,
  title: titleShape.optional(),
  agents: z
    .record(
      agentNameShape,
      z.strictObject({
        title: titleShape.optional(),
        owner: z.string().min(1, 'must not be empty').optional().meta({ description: 'The accountable human.' }),
        grant: grantShape,
      }),
    )
    .optional(),
});

export type RawProject = z.infer<typeof projectShape>;
export type RawAgent = NonNullable<RawProject['agents']>[string];
export type RawObjectGrant = z.infer<typeof objectGrantShape>;
