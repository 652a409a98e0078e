import { z } from 'zod';
import type { JsonObject } from '../kernel/index.ts';
import { integrationShape } from './shapes/integration-shape.ts';
import { modelShape } from './shapes/model-shape.ts';
import { projectShape } from './shapes/project-shape.ts';

/**
 * JSON Schemas (2020-12) of the three kinds of project files, for editors.
 * They say what one file can look like; loadProject also checks the names
 * against each other.
 */
export const projectSchemas = (): Readonly<Record<'project' | 'model' | 'integration', JsonObject>> => ({
  project: schemaOf(projectShape, 'gantry.yaml'),
  model: schemaOf(modelShape, 'models/*.yaml'),
  integration: schemaOf(integrationShape, 'integrations/*.yaml'),
});

function schemaOf(shape: z.ZodType, title: string): JsonObject {
  // Through text, which leaves out what zod adds for its own use.
  const { $schema = '', ...schema } = JSON.parse(JSON.stringify(z.toJSONSchema(shape, { io: 'input' }))) as JsonObject;
  return { $schema, title, ...schema };
}
