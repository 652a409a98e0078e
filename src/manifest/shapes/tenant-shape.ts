import { z } from 'zod';
import { callLimitsShape, objectOverlayShape } from './integration-shape.ts';
import { extraFieldShape } from './model-shape.ts';
import {
  agentNameShape,
  boundShapes,
  nameShape,
  nativeGlobShape,
  nativeNameShape,
  slugShape,
  whyShape,
} from './parts.ts';

/** tenants/*.yaml, and overlays that are stored: what one tenant does differently. */
export const tenantShape = z.strictObject({
  tenant: slugShape,
  why: whyShape.optional(),
  models: z
    .record(nameShape, z.strictObject({ fields: z.record(nameShape, extraFieldShape) }))
    .optional()
    .meta({ description: 'More fields for models of the project.' }),
  integrations: z
    .record(
      nameShape,
      z.strictObject({
        also_sync: z.array(nativeGlobShape).optional(),
        limits: callLimitsShape.optional(),
        objects: z.record(nativeNameShape, objectOverlayShape).optional(),
      }),
    )
    .optional(),
  limits: z
    .record(z.union([z.literal('*'), agentNameShape]), z.strictObject(boundShapes))
    .optional()
    .meta({ description: 'By agent, or * for all: never more than the grant allows.' }),
});

export type RawTenant = z.infer<typeof tenantShape>;
