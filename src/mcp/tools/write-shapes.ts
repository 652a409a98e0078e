import * as z from 'zod';
import { GantryError, isJsonObject, limits, type Json } from '../../kernel/index.ts';
import type { IntendedRecord } from '../../write/index.ts';
import type { Keyed } from './write-services.ts';
import type { ToolContext } from './tool.ts';

/** Whether there is such a plan is the answer's to say. */
export const planId = (): z.ZodString => z.string().max(100);

export const reason = (): z.ZodExactOptional<z.ZodString> => z.string().max(limits.planReasonCharsMax).exactOptional();

export const target = (): z.ZodExactOptional<z.ZodString> => z.string().max(100).exactOptional();

/** Records as they came: their number is checked first, so that nobody waits for the check of a million. */
export function recordsOf(raw: readonly Json[], keys: readonly string[]): readonly IntendedRecord[] {
  return raw.map((record, index) => {
    const at = `records[${String(index)}]`;
    if (!isJsonObject(record)) throw wrong(at, 'Each record is a JSON object.', keys);
    for (const [key, value] of Object.entries(record)) {
      if (!keys.includes(key))
        throw wrong(`${at}.${key.slice(0, 80)}`, `A record has no \`${key.slice(0, 80)}\`.`, keys);
      const fits = key === 'id' ? typeof value === 'string' && value.length <= 400 : isJsonObject(value);
      if (!fits) throw wrong(`${at}.${key}`, `\`${key}\` is ${key === 'id' ? 'a text' : 'a JSON object'}.`, keys);
    }
    return record;
  });
}

const wrong = (where: string, message: string, allowed: readonly string[]): GantryError =>
  new GantryError('bad_request', { message, where, allowed: [...allowed] });

/** What a request under a key is compared by. */
export const keyedBy = ({ idempotencyKey }: ToolContext, args: object): Keyed | null =>
  idempotencyKey === undefined ? null : { key: idempotencyKey, body: args as Keyed['body'] };

/** Absent where this installation writes nothing. */
export function writesOf({ services }: ToolContext): NonNullable<ToolContext['services']['writes']> {
  if (services.writes !== undefined) return services.writes;
  throw new GantryError('tool_unknown', { message: 'Nothing can be written here.' });
}
