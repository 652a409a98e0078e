import * as z from 'zod';
import { GantryError, isJsonObject, type Json } from '../../kernel/index.ts';
import type { StepsRequest } from '../../write/index.ts';
import { anyJson } from './define-tool.ts';
import { readArguments } from './read-arguments.ts';
import { recordsOf, target } from './write-shapes.ts';

/** Stands where an operation would: its records are steps, each a request of prepare_write or run_operation. */
export const inSteps = 'in_steps';

const step = z.strictObject({
  operation: z.string().max(130),
  object: z.string().max(200).exactOptional(),
  records: z.array(anyJson()),
  to: target(),
});

/** Raises `bad_request`, with the step in `where`. */
export const stepsOf = (raw: readonly Json[]): StepsRequest['steps'] =>
  raw.map((each, index) => stepOf(each, `records[${String(index)}]`));

function stepOf(raw: Json, where: string): StepsRequest['steps'][number] {
  if (!isJsonObject(raw)) throw new GantryError('bad_request', { message: 'Each step is a JSON object.', where });
  try {
    const { records, ...given } = readArguments(step, raw);
    const keys = given.object === undefined ? ['id', 'match', 'input'] : ['id', 'match', 'values'];
    return { ...given, records: recordsOf(records, keys) };
  } catch (error) {
    if (!(error instanceof GantryError)) throw error;
    throw new GantryError(error.code, { ...error.details, where: `${where}.${error.details.where ?? ''}` });
  }
}
