import { z } from 'zod';
import { networkRule, redirectRule } from '../networks.ts';
import { currencyShape, valueShape } from './parts.ts';

/** Who an agent is, beside what it may do. */
export const identityShapes = {
  acts_for: z.enum(['service', 'users', 'both']).optional().meta({
    description: 'In whose name it asks: its own, only users’, or as each call says. `service` where it is not named.',
  }),
  status: z.enum(['active', 'suspended']).optional(),
  ip_allow: z
    .array(valueShape(/^[\w.:/]{1,50}$/, networkRule))
    .min(1, 'must have at least one network')
    .max(100, 'must have at most 100 networks')
    .optional()
    .meta({ description: 'Networks from which it may be used.' }),
  clients: z
    .array(valueShape(/^[\x21-\x7e]{1,300}$/, 'must be a client id, where * stands for any characters and ? for one'))
    .min(1, 'must have at least one client')
    .max(100, 'must have at most 100 clients')
    .optional()
    .meta({ description: 'Ids of OAuth clients that are this agent, also as globs: https://client.example/*.' }),
  redirect_uris: z
    .array(valueShape(/^[\x21-\x7e]{1,300}$/, redirectRule))
    .min(1, 'must have at least one address')
    .max(20, 'must have at most 20 addresses')
    .optional()
    .meta({ description: 'Makes an OAuth client whose id is the agent’s name.' }),
  money_per_day: z
    .strictObject({
      amount: valueShape(/^(0|[1-9]\d{0,14})(\.\d{1,4})?$/, 'must be an amount such as "5000" or "99.50", in quotes'),
      currency: currencyShape,
    })
    .optional()
    .meta({ description: 'What it may move in a day, by its writes.' }),
};
