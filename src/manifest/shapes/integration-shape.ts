import { z } from 'zod';
import {
  filterShape,
  nameShape,
  nativeGlobShape,
  nativeNameShape,
  scalarShape,
  titleShape,
  valueShape,
  whyShape,
} from './parts.ts';
import { sourceShapes, stepBlockShape } from './step-shape.ts';
import { objectWriteShape } from './write-shape.ts';

const labelRefShape = z.strictObject({
  label: z.string().min(1, 'must not be empty').max(255, 'must have at most 255 characters'),
});

const mappingBlockShape = stepBlockShape.extend({
  from: z.union([nativeNameShape, labelRefShape]).optional(),
  constant: sourceShapes.constant.optional(),
  template: sourceShapes.template.optional(),
  concat: sourceShapes.concat.optional(),
  steps: z
    .array(stepBlockShape)
    .max(8, 'must have at most 8 steps')
    .optional()
    .meta({ description: 'Transforms in an order of your own.' }),
  on_missing: z.union([z.null(), z.enum(['null', 'empty', 'skip', 'error'])]).optional(),
  why: whyShape.optional(),
});

const mappingShape = z.union([nativeNameShape, mappingBlockShape]);

const objectShapes = {
  model: nameShape.optional(),
  sync: z
    .strictObject({
      backfill: valueShape(
        /^(all|[1-9][0-9]{0,3}[dwmy])$/,
        'must be `all` or an age such as 90d, 12w, 6m or 2y',
      ).optional(),
      every: valueShape(
        /^(never|[1-9][0-9]{0,3}[smhd])$/,
        'must be a time such as 30s, 5m, 1h or 1d, or `never`',
      ).optional(),
      at: z
        .string()
        .max(100, 'must have at most 100 characters')
        .optional()
        .meta({ description: 'Fixed times in cron form, instead of `every`: minute, hour, day, month, day of week.' }),
      time_zone: z
        .string()
        .max(60, 'must have at most 60 characters')
        .optional()
        .meta({ description: 'Of `at`, such as Europe/Berlin; UTC where it is not named.' }),
      mode: z
        .enum(['full', 'incremental'])
        .optional()
        .meta({ description: '`full` reads everything each time; else only what changed.' }),
      reconcile: z
        .enum(['daily', 'weekly', 'never'])
        .optional()
        .meta({ description: 'How often all records are compared with the provider.' }),
      live: z
        .enum(['stream', 'webhook'])
        .optional()
        .meta({ description: 'Changes come as the provider tells of them, beside the schedule.' }),
    })
    .optional(),
  where: filterShape.optional(),
  defaults: z
    .record(nativeNameShape, scalarShape)
    .optional()
    .meta({ description: 'Native field to the value of a new record that would lack it.' }),
  permissions: z
    .union([
      z.literal('everyone'),
      z.strictObject({
        owner: nativeNameShape.optional(),
        team: nativeNameShape.optional(),
        territory: nativeNameShape.optional(),
      }),
    ])
    .optional()
    .meta({
      description:
        'Who is shown the records, instead of asking the provider: everyone, or those whom these native fields name. Without it: as the provider tells.',
    }),
  write: objectWriteShape.optional(),
};

const objectShape = z.strictObject({ ...objectShapes, fields: z.record(nameShape, mappingShape).optional() });

/** An object as an overlay changes it: a field of null is one that the tenant does not have. */
export const objectOverlayShape = z.strictObject({
  ...objectShapes,
  fields: z.record(nameShape, z.union([z.null(), nativeNameShape, mappingBlockShape])).optional(),
});

const claimShape = z
  .string()
  .regex(
    /^[a-z][a-z0-9_]{0,62}(\.[a-z][a-z0-9_]{0,62})?$/,
    'must be a model (account) or a field of one (account.phone)',
  );

/** How much of a provider's limits may be used, by the limit's name. */
export const callLimitsShape = z
  .record(
    nameShape,
    z.strictObject({
      calls: z.int().min(1, 'must be at least 1').optional(),
      reserve: z
        .int()
        .min(0, 'must be at least 0')
        .max(90, 'must be at most 90')
        .optional()
        .meta({ description: 'Percent that only agents and people who wait for an answer may use.' }),
    }),
  )
  .meta({ description: "Calls to the provider, by the name of the provider's limit." });

export type RawCallLimits = z.infer<typeof callLimitsShape>;

/** integrations/*.yaml */
export const integrationShape = z.strictObject({
  integration: nameShape,
  title: titleShape.optional(),
  connector: z.string(),
  trust: z.enum(['record', 'engagement', 'last_resort']),
  mode: z.enum(['read_only', 'propose_only', 'gated', 'autonomous']).optional(),
  on_call: z.string().min(1, 'must not be empty').optional(),
  system_of_record: z
    .array(claimShape)
    .optional()
    .meta({ description: 'Models and fields that this system decides where several feed one.' }),
  scope: z
    .strictObject({
      read: z.array(nativeGlobShape).optional(),
      write: z.array(nativeGlobShape).optional(),
      write_as: z.enum(['user', 'checked', 'connection']).optional(),
    })
    .optional()
    .meta({ description: 'A fence of globs over native objects, whatever objects and overlays ask for.' }),
  also_sync: z.array(nativeGlobShape).optional(),
  limits: callLimitsShape.optional(),
  objects: z.record(nativeNameShape, objectShape),
});

export type RawIntegration = z.infer<typeof integrationShape>;
export type RawObject = z.infer<typeof objectShape>;
export type RawObjectOverlay = z.infer<typeof objectOverlayShape>;
export type RawMapping = z.infer<typeof mappingBlockShape>;
