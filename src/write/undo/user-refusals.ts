import type { TenantId } from '../../kernel/index.ts';
import type { WriteDeps } from '../deps.ts';
import { grouped } from '../grouped.ts';
import { valuesTakenBack, type RecordVerdict } from './compare.ts';
import type { Reached, UndoRequest } from './types.ts';

/**
 * What the system would refuse the user in whose name it is taken back cannot
 * be taken back so: it is said in the report, and the rest goes on.
 */
export async function withoutRefused(
  { refusedToUser }: Pick<WriteDeps, 'refusedToUser'>,
  tenant: TenantId,
  verdicts: readonly RecordVerdict[],
  {
    reached,
    principal,
    conflicts,
  }: { readonly reached: Reached; readonly principal: string | null } & Pick<UndoRequest, 'conflicts'>,
): Promise<readonly RecordVerdict[]> {
  if (principal === null || reached.signIn !== null) return verdicts;
  const refused = new Map<RecordVerdict, string>();
  for (const own of grouped(verdicts, ({ action }) => action).values()) {
    const [first] = own;
    if (first === undefined || first.action === 'none' || first.action === 'impossible') continue;
    const { action, chain } = first;
    const { connection, object } = chain;
    const writes = own.map((verdict, at) => ({
      key: String(at),
      recordId: action === 'create' ? null : verdict.chain.recordId,
      match: null,
      values: action === 'delete' ? {} : valuesTakenBack(verdict, conflicts),
    }));
    const whys = await refusedToUser(tenant, { connection, object, operation: action, principal, writes });
    for (const [key, why] of whys) {
      const verdict = own[Number(key)];
      if (verdict !== undefined) refused.set(verdict, why);
    }
  }
  return verdicts.map((verdict) => {
    const why = refused.get(verdict);
    return why === undefined ? verdict : { ...verdict, action: 'impossible', why, fields: [] };
  });
}
