import { GantryError } from '../../../kernel/index.ts';
import type { AdminRight } from '../../contract.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import { odooCall, odooFacts } from '../call.ts';

/**
 * The group "Administration / Settings" (`base.group_system`). `has_group` is
 * about the caller up to Odoo 17, and about the record that it is asked of since
 * 18 (Odoo source, `res.users`), where the first way is refused; JSON-2 came
 * with 19.
 */
export async function adminRight(context: SessionContext): Promise<AdminRight> {
  const { uid, dialect } = await odooFacts(context);
  const group = { group_ext_id: 'base.group_system' };
  const ofRecord = { ids: [uid], ...group };
  for (const params of dialect === 'json2' ? [ofRecord] : [group, ofRecord]) {
    const isAdmin = await hasGroup(context, params);
    if (isAdmin !== null) return isAdmin ? { kind: 'admin', right: 'Administration: Settings' } : { kind: 'none' };
  }
  return { kind: 'untold' };
}

/** Null: it cannot be asked so. */
async function hasGroup(context: SessionContext, params: { readonly group_ext_id: string }): Promise<boolean | null> {
  try {
    const { result } = await odooCall(context, 'res.users', 'has_group', params, 'ids' in params ? 'ids' : undefined);
    return typeof result === 'boolean' ? result : null;
  } catch (error) {
    if (error instanceof GantryError && REFUSALS.has(error.code)) return null;
    throw error;
  }
}

const REFUSALS: ReadonlySet<string> = new Set([
  'upstream_refused',
  'upstream_schema_changed',
  'upstream_forbidden',
  'upstream_unavailable',
  'upstream_malformed',
]);
