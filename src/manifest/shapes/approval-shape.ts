import { z } from 'zod';
import { limits } from '../../kernel/index.ts';
import { agentNameShape, dayShape, filterShape, nameShape, valueShape, whyShape } from './parts.ts';

const list = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item)
    .min(1, 'must not be empty')
    .max(limits.approvalNamesMax, `must have at most ${limits.approvalNamesMax} entries`);

const globShape = valueShape(
  /^[\w.@+:*?$/-]{1,200}$/,
  'must be a name, where * stands for any characters and ? for one',
);

const timeShape = valueShape(/^[1-9][0-9]{0,3}[mhd]$/, 'must be a time such as 30m, 4h or 2d');

/** Operators' names, as `gantry operators list` has them. */
const personShape = valueShape(
  /^(\$owner|[A-Za-z0-9][\w.@+-]{0,99})$/,
  'must be the name of an operator, or $owner: whoever answers for the agent',
);

const mailShape = valueShape(
  /^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$/,
  'must be an e-mail address such as ops@example.com',
);

const rangeShape = z
  .strictObject({
    from: z.number().min(0, 'must not be below 0').optional(),
    below: z.number().positive('must be above 0').optional(),
  })
  .meta({ description: 'From the first on, below the second.' });

const whenShape = z.strictObject({
  agents: list(globShape).optional(),
  principals: list(globShape).optional(),
  intents: list(globShape).optional().meta({ description: 'Operations of models: deal.close, deal.*' }),
  safety: list(z.enum(['safe_write', 'gated_write'])).optional(),
  operations: list(z.enum(['create', 'update', 'upsert', 'delete', 'create_field'])).optional(),
  objects: list(globShape).optional().meta({ description: 'Models, native objects (crm.Opportunity), or globs.' }),
  fields: list(globShape)
    .optional()
    .meta({ description: 'One of them is written: status, account.status, contract_*' }),
  amount: rangeShape
    .optional()
    .meta({ description: 'In the base currency; what nobody can tell is above everything.' }),
  records: rangeShape.optional(),
  sum: z
    .strictObject({ per: z.enum(['agent', 'principal', 'tenant']), within: timeShape })
    .optional()
    .meta({ description: 'Amount and records include what was accepted within this time before.' }),
  where: filterShape.optional().meta({ description: 'A filter over before.<field> and after.<field>.' }),
});

const secondReviewShape = z.union([
  z.enum(['before', 'after']),
  z.strictObject({
    when: z.enum(['before', 'after']),
    within: timeShape.optional(),
    from: list(personShape).optional(),
  }),
]);

const ruleShape = z.strictObject({
  why: whyShape.optional(),
  when: whenShape.optional(),
  verdict: z.enum(['allow', 'approve', 'propose', 'forbid']),
  from: list(personShape).optional().meta({ description: 'One of these decides; without it any approver.' }),
  people: z
    .int()
    .min(1, 'must be at least 1')
    .max(limits.approvalPeopleMax, `must be at most ${limits.approvalPeopleMax}`)
    .optional()
    .meta({ description: 'So many different humans.' }),
  sla: timeShape.optional(),
  escalate_to: list(personShape).optional(),
  four_eyes: z.enum(['usual', 'strict']).optional(),
  second_review: secondReviewShape.optional(),
});

const pilotShape = z
  .strictObject({
    agent: agentNameShape,
    integration: nameShape,
    intents: list(globShape).optional().meta({ description: 'Operations of models; without it any write there.' }),
    approver: personShape,
    until: dayShape,
    per_day: z.strictObject({
      amount: z.number().min(0, 'must not be below 0'),
      records: z.int().min(1, 'must be at least 1'),
    }),
  })
  .meta({ description: 'An agent on trial: every write waits for one person, within bounds, until a day.' });

export const approvalsShape = z.strictObject({
  untrusted_text: z.enum(['allow', 'approve', 'forbid']).optional().meta({
    description: 'What follows where the agent read free text of others before; `approve` where it is not said.',
  }),
  tell: list(nameShape).optional().meta({ description: 'Routes of `alerts` by which all learn that something waits.' }),
  people: z
    .record(personShape, z.strictObject({ email: mailShape.optional(), route: nameShape.optional() }))
    .optional()
    .meta({ description: 'Approvers who are told in person, with a link that decides.' }),
  rules: z.record(nameShape, ruleShape),
  pilots: z.record(nameShape, pilotShape).optional(),
});

export type RawApprovals = z.infer<typeof approvalsShape>;
export type RawPilot = z.infer<typeof pilotShape>;
export type RawApprovalRule = z.infer<typeof ruleShape>;
