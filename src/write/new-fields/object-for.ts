import type { NativeObject } from '../../schema/index.ts';
import type { QueuedWrite } from '../../store/index.ts';
import type { WriteTarget } from '../deps.ts';
import { writeOf } from '../plan-row.ts';

/**
 * The object that writes go to, with the fields that were made for them: where
 * it does not show one yet, the system is asked anew. Null: it does not show
 * it now either, so that the writes wait.
 */
export async function objectFor(
  target: WriteTarget,
  name: string,
  writes: readonly QueuedWrite[],
): Promise<NativeObject | null> {
  const made = writes.flatMap(({ content }) => writeOf(content).made ?? []);
  const known = await target.objectOf(name);
  if (made.length === 0 || hasAll(known, made)) return known;
  const found = (await target.discover?.(name)) ?? null;
  return hasAll(found, made) ? found : null;
}

const hasAll = (object: NativeObject | null, names: readonly string[]): boolean =>
  object !== null && names.every((name) => object.fields.some((field) => field.name === name));
