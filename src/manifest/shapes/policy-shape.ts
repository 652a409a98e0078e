import { z } from 'zod';
import { limits } from '../../kernel/index.ts';
import { approvalsShape } from './approval-shape.ts';
import { switchShape } from './switch-shape.ts';
import {
  currencyShape,
  dayShape,
  filterShape,
  nameShape,
  scalarShape,
  slugShape,
  titleShape,
  valueShape,
  whyShape,
} from './parts.ts';

const paramShape = z.strictObject({
  type: z.enum(['string', 'boolean', 'integer', 'number', 'date', 'datetime', 'enum']),
  values: z.array(z.string().min(1, 'must not be empty')).min(1, 'must have at least one value').optional(),
  default: scalarShape.optional(),
  why: whyShape.optional(),
});

/** `{param: segment}`: where a value may stand, the value that the caller gives. */
const paramNode = z.strictObject({ param: nameShape });
const pathShape = z.string().min(1, 'must not be empty').max(400, 'must have at most 400 characters');
const measureShape = z.record(z.string(), z.unknown());

const queryShape = z
  .strictObject({
    object: z.union([
      nameShape,
      z.string().regex(/^[a-z][a-z0-9_]{0,62}\..+$/, 'must be a model (deal) or a native object (crm.Opportunity)'),
    ]),
    filter: filterShape.optional(),
    fields: z
      .array(z.union([pathShape, measureShape]))
      .min(1, 'must have at least one field')
      .max(limits.queryColumnsMax, `must have at most ${limits.queryColumnsMax} fields`)
      .optional(),
    text: z.union([z.string().min(1, 'must not be empty'), paramNode]).optional(),
    sort: z
      .array(z.strictObject({ field: z.union([pathShape, measureShape]), dir: z.enum(['asc', 'desc']).optional() }))
      .max(limits.querySortMax, `must have at most ${limits.querySortMax} keys`)
      .optional(),
    measures: z
      .array(measureShape)
      .min(1, 'must have at least one measure')
      .max(limits.queryMeasuresMax, `must have at most ${limits.queryMeasuresMax} measures`)
      .optional(),
    group_by: z
      .array(z.union([pathShape, measureShape]))
      .max(limits.queryGroupsMax, `must have at most ${limits.queryGroupsMax} groups`)
      .optional(),
    having: filterShape.optional(),
    limit: z
      .union([
        z.int().min(1, 'must be at least 1').max(limits.queryRowsMax, `must be at most ${limits.queryRowsMax}`),
        paramNode,
      ])
      .optional(),
    changed_since: z.union([z.string(), z.strictObject({ ago: z.string() }), paramNode]).optional(),
  })
  .meta({ description: 'Arguments of query_records; {"param": "segment"} stands where a value may stand.' });

const savedQueryShape = z.strictObject({
  title: titleShape.optional(),
  why: whyShape.meta({ description: 'When to ask it; agents read it.' }),
  params: z.record(nameShape, paramShape).optional(),
  query: queryShape,
});

const currenciesShape = z.strictObject({
  base: currencyShape,
  source: z.string().min(1, 'must not be empty').max(limits.labelCharsMax),
  rates: z
    .record(currencyShape, z.record(dayShape, z.number().positive('must be above 0')))
    .meta({ description: 'By currency and the day from which it holds: units of it for one of `base`.' }),
});

/** policies/*.yaml */
export const policyShape = z.strictObject({
  saved_queries: z.record(nameShape, savedQueryShape).optional(),
  currencies: currenciesShape.optional(),
  approvals: approvalsShape.optional().meta({ description: 'What may be written without a person, and with whom.' }),
  switches: z.record(nameShape, switchShape).optional().meta({ description: 'What stops writes by itself.' }),
  checklist: z
    .strictObject({
      sandbox: slugShape
        .optional()
        .meta({ description: 'The tenant that is connected to sandboxes, where undoing is rehearsed.' }),
      rotate_every: valueShape(/^[1-9][0-9]{0,2}[dwmy]$/, 'must be an age such as 90d, 12w, 6m or 1y').optional(),
      thresholds: z
        .strictObject({
          signed_by: z.string().min(1, 'must not be empty').max(200, 'must have at most 200 characters'),
          on: dayShape,
          rules: valueShape(/^[0-9a-f]{12}$/, 'must be the 12 digits that `gantry checklist` shows'),
        })
        .optional()
        .meta({ description: 'Who answers for the business has agreed to these limits.' }),
    })
    .optional()
    .meta({ description: 'What `gantry checklist` has to be told.' }),
  history: z
    .strictObject({
      keep: valueShape(/^(none|[1-9][0-9]{0,3}[dwmy])$/, 'must be `none` or an age such as 90d, 12w, 6m or 2y'),
    })
    .optional(),
});

export type RawPolicy = z.infer<typeof policyShape>;
export type RawSavedQuery = z.infer<typeof savedQueryShape>;
export type RawParam = z.infer<typeof paramShape>;
export type RawQuery = z.infer<typeof queryShape>;
export type RawCurrencies = z.infer<typeof currenciesShape>;
