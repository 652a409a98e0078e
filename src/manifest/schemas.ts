import { z } from 'zod';
import type { JsonObject } from '../kernel/index.ts';
import { integrationShape } from './shapes/integration-shape.ts';
import { modelShape } from './shapes/model-shape.ts';
import { policyShape } from './shapes/policy-shape.ts';
import { projectShape } from './shapes/project-shape.ts';
import { tenantShape } from './shapes/tenant-shape.ts';
import type { FileKind } from './file-kind.ts';

/**
 * JSON Schemas (2020-12) of all kinds of project files, for editors.
 * They say what one file can look like; loadProject also checks the names
 * against each other.
 */
export const projectSchemas = (): Readonly<Record<FileKind, JsonObject>> => ({
  project: schemaOf(projectShape, 'gantry.yaml'),
  model: schemaOf(modelShape, 'models/*.yaml'),
  integration: schemaOf(integrationShape, 'integrations/*.yaml'),
  policy: schemaOf(policyShape, 'policies/*.yaml'),
  tenant: schemaOf(tenantShape, 'tenants/*.yaml'),
});

function schemaOf(shape: z.ZodType, title: string): JsonObject {
  // Through text, which leaves out what zod adds for its own use.
  const { $schema = '', ...schema } = JSON.parse(JSON.stringify(z.toJSONSchema(shape, { io: 'input' }))) as JsonObject;
  return { $schema, title, ...schema };
}
