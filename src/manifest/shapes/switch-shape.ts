import { z } from 'zod';
import { limits } from '../../kernel/index.ts';
import { valueShape, whyShape } from './parts.ts';

export const switchShape = z
  .strictObject({
    why: whyShape.optional(),
    per: z.enum(['tenant', 'agent', 'connection']).meta({ description: 'What is counted, and what is stopped then.' }),
    within: valueShape(/^[1-9][0-9]{0,3}[mhd]$/, 'must be a time such as 15m, 4h or 2d'),
    failed: z
      .strictObject({
        share: z.number().min(0, 'must not be below 0').lt(1, 'must be below 1'),
        of_at_least: z
          .int()
          .min(1, 'must be at least 1')
          .max(limits.switchLeastMax, `must be at most ${limits.switchLeastMax}`),
      })
      .optional()
      .meta({ description: 'More than this share of the writes that ended had failed, of at least so many.' }),
    records: z.int().min(1, 'must be at least 1').optional().meta({ description: 'More records were accepted.' }),
    amount: z
      .number()
      .positive('must be above 0')
      .optional()
      .meta({ description: 'More money was accepted; in the base currency.' }),
    mode: z.enum(['stop_writes', 'stop_all_upstream', 'read_replica_only', 'drain']).optional(),
  })
  .meta({ description: 'What stops writes by itself: exactly one of failed, records, amount.' });

export type RawSwitch = z.infer<typeof switchShape>;
