import { z } from 'zod';
import { limits } from '../../kernel/index.ts';
import { identityShapes } from './agent-shape.ts';
import { agentNameShape, boundShapes, filterShape, nameShape, titleShape, valueShape } from './parts.ts';
import { writeGrantShape } from './write-shape.ts';

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
  write: z
    .record(objectNameShape, writeGrantShape)
    .optional()
    .meta({ description: 'What it may write, by object; without it nothing.' }),
  operations: z
    .array(
      z
        .string()
        .regex(/^[a-z][a-z0-9_]{0,62}(\.[a-z][a-z0-9_]{0,62})?$/, 'must be `<model>.<operation>`, or an intent'),
    )
    .max(limits.savedQueriesMax, `must have at most ${limits.savedQueriesMax} operations`)
    .optional()
    .meta({ description: 'Operations of models that it may run.' }),
  ...boundShapes,
});

const topicGlobShape = z
  .string()
  .regex(/^[a-z_*?]+(\.[a-z_*?]+)?$/, 'must be a topic (connection.sign_in) or a glob over topics (connection.*)');

const tenantGlobShape = z
  .string()
  .regex(
    /^[a-z0-9*?][a-z0-9*?-]{0,62}$/,
    'must be the slug of a tenant, where * stands for any characters and ? for one',
  );

/** One plain address: no names, no lists, nothing that a mail header could read otherwise. */
const mailAddressShape = valueShape(
  /^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$/,
  'must be an e-mail address such as ops@example.com',
);

const alertRouteShape = z.strictObject({
  topics: z.array(topicGlobShape).min(1, 'must have at least one topic').optional(),
  tenants: z.array(tenantGlobShape).min(1, 'must have at least one tenant').optional(),
  severity: z.enum(['info', 'warning', 'critical']).optional().meta({ description: 'The least that is told.' }),
  to: z.union([
    z.enum(['webhook', 'slack']),
    z.strictObject({
      email: z
        .array(mailAddressShape)
        .min(1, 'must have at least one address')
        .max(limits.alertAddressesMax, `must have at most ${limits.alertAddressesMax} addresses`),
    }),
  ]),
});

const alertsShape = z.strictObject({
  remind: valueShape(/^(never|[1-9][0-9]{0,3}[hd])$/, 'must be `never` or a time such as 12h or 3d').optional(),
  routes: z.record(nameShape, alertRouteShape).optional(),
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
        ...identityShapes,
        grant: grantShape,
      }),
    )
    .optional(),
  alerts: alertsShape.optional().meta({ description: 'Who is told when something is wrong.' }),
  defaults: z
    .strictObject({
      access: z
        .strictObject({
          max_age: valueShape(
            /^(([1-9]|[1-5][0-9])m|([1-9]|1[0-9]|2[0-4])h)$/,
            'must be a time from 1m to 24h, such as 15m',
          ).optional(),
        })
        .optional()
        .meta({ description: 'How old what is known of users’ rights may be; 15m where it is not said.' }),
    })
    .optional(),
});

export type RawAlerts = z.infer<typeof alertsShape>;
export type RawProject = z.infer<typeof projectShape>;
export type RawAgent = NonNullable<RawProject['agents']>[string];
export type RawObjectGrant = z.infer<typeof objectGrantShape>;
