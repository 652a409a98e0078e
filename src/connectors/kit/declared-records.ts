import { canonicalJson, contentHash } from '../../kernel/index.ts';
import type { NativeRecord, RecordsById } from '../contract.ts';
import { listAt } from './answer-values.ts';
import type { Declaration, DeclaredObject } from './declaration.ts';
import type { SessionContext } from './declared-connector.ts';
import { declaredRecord } from './declared-page.ts';
import { readPath } from './value-path.ts';

export type ManyPlan = NonNullable<DeclaredObject['many']>;

/** Records by their ids, in as many calls as the provider wants. */
export async function readDeclaredRecords(
  context: SessionContext,
  object: DeclaredObject,
  plan: ManyPlan,
  ids: readonly string[],
): Promise<RecordsById> {
  const readAt = context.clock.now();
  // The ids go into one value, separated by commas.
  const known = [...new Set(ids)].filter((id) => /^[\w-]+$/.test(id));
  const records: NativeRecord[] = [];
  for (let start = 0; start < known.length; start += plan.max) {
    const query = { [plan.param]: known.slice(start, start + plan.max).join(',') };
    const { body } = await context.http({ path: plan.path, query });
    const where = `GET ${plan.path}`;
    records.push(...listAt(body, plan.records, where).map((entry) => declaredRecord(object, entry, where)));
  }
  const found = new Set(records.map(({ id }) => id));
  return { records, missing: ids.filter((id) => !found.has(id)), readAt };
}

export async function declaredGrantsHash(
  { http }: SessionContext,
  { path, values }: NonNullable<Declaration['grants']>,
): Promise<string> {
  const { body } = await http({ path });
  return contentHash(canonicalJson(values.map((at) => readPath(body, at) ?? null)));
}
