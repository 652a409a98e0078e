import * as z from 'zod';
import { isJsonObject, type Json, type JsonObject } from '../../kernel/index.ts';
import { readArguments } from './read-arguments.ts';
import type { Tool, ToolAnnotations, ToolContext } from './tool.ts';

export interface ToolSource<Shape extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly args: Shape;
  readonly outputSchema: JsonObject | null;
  readonly annotations: ToolAnnotations;
  readonly run: (context: ToolContext, args: z.output<Shape>) => Promise<object>;
}

/** A tool whose JSON Schema is computed once, here, from the same schema that checks its arguments. */
export function defineTool<Shape extends z.ZodObject>(source: ToolSource<Shape>): Tool {
  const { args, run, ...description } = source;
  return {
    ...description,
    inputSchema: inputSchema(args),
    run: (context, raw) => run(context, readArguments(args, raw)),
  };
}

/** Reads nothing but the tenant's replica: safe to call, safe to repeat, touches no outside system. */
export const readOnly: ToolAnnotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};

/** Sends nothing; keeps a plan that nobody has to carry out. */
export const preparing: ToolAnnotations = {
  readOnlyHint: false,
  destructiveHint: false,
  idempotentHint: false,
  openWorldHint: false,
};

/** Changes outside systems; the same plan is carried out once, however often it is asked for. */
export const committing: ToolAnnotations = {
  readOnlyHint: false,
  destructiveHint: true,
  idempotentHint: true,
  openWorldHint: true,
};

function inputSchema(args: z.ZodObject): JsonObject {
  const schema = z.toJSONSchema(args, {
    target: 'draft-2020-12',
    io: 'input',
    override: ({ jsonSchema }) => {
      // Says nothing that `type: object` does not, at eight tokens apiece.
      delete jsonSchema.propertyNames;
      if (isEmpty(jsonSchema.additionalProperties)) delete jsonSchema.additionalProperties;
      // Bounds of what a JSON number can hold anyway.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  // The draft is MCP's default; naming it in each tool costs tokens.
  const { $schema: _draft, ...rest } = schema;
  return JSON.parse(JSON.stringify(rest)) as JsonObject;
}

function isEmpty(value: unknown): boolean {
  return isJsonObject(value) && Object.keys(value).length === 0;
}

/** A JSON object whose members the query language checks, with better errors than a schema gives. */
export const jsonObject = (): z.ZodType<JsonObject> =>
  z.record(z.string(), z.unknown()) as unknown as z.ZodType<JsonObject>;

/** Any JSON, checked further on. */
export const anyJson = (): z.ZodType<Json> => z.unknown() as unknown as z.ZodType<Json>;

/** ISO moment, checked further on; described once, at query_records. */
export const minAsOf = (): z.ZodExactOptional<z.ZodString> => z.string().exactOptional();
