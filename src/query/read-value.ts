import type { Caller } from '../access/index.ts';
import { GantryError, limits } from '../kernel/index.ts';
import type { QueryParts } from './deps.ts';
import { getRecord } from './get-record.ts';
import { followsLinks } from './follows-links.ts';
import type { QueryScope, ValueAnswer, ValueRequest } from './types.ts';

/** One value of one record, as getRecord gives it when it is asked for alone; missing values are an empty text. Raises `not_found` and what getRecord raises. */
export async function readValue(
  deps: QueryParts,
  caller: Caller,
  scope: QueryScope,
  { object, ref, field }: ValueRequest,
): Promise<ValueAnswer> {
  if (!followsLinks(caller)) {
    throw new GantryError('not_found', {
      message: 'Links to values are not for this agent: it has saved queries only.',
    });
  }
  const { rows } = await getRecord(deps, caller, scope, { object, id: ref, fields: [field] });
  const value = rows[0]?.[0] ?? '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return { text, whole: text.length <= limits.valueCharsMax };
}
