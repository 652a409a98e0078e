import { OdooError } from '../errors.ts';
import type { Raw } from '../schema/field.ts';
import { rawOf, type Env } from './env.ts';

/**
 * Rules of the standard modules that no field says: constraints of the database
 * with their messages as `content/constraints.ts` lists them, and `@api.constrains`.
 */
export function checkRecords(env: Env, model: string, ids: readonly number[]): void {
  const check = CHECKS[model];
  if (check === undefined) return;
  for (const id of ids) {
    const wrong = check(env, id, (name) => rawOf(env.org, model, id, name));
    if (wrong !== null) throw new OdooError('validation', wrong);
  }
}

type Check = (env: Env, id: number, value: (name: string) => Raw) => string | null;

const violated = (message: string): string => `The operation cannot be completed: ${message}`;

const CHECKS: Readonly<Record<string, Check>> = {
  'res.partner': (env, id, value) => {
    if (value('type') === 'contact' && value('name') === null) return violated('Contacts require a name');
    return isOwnAncestor(env, id) ? 'You cannot create recursive Partner hierarchies.' : null;
  },
  'crm.lead': (_env, _id, value) => {
    const probability = Number(value('probability') ?? 0);
    if (probability >= 0 && probability <= 100) return null;
    return violated('The probability of closing the deal should be between 0% and 100%!');
  },
  'sale.order': (_env, _id, value) =>
    value('state') === 'sale' && value('date_order') === null
      ? violated('A confirmed sales order requires a confirmation date.')
      : null,
  'res.users': (env, id, value) => {
    const login = value('login');
    const table = env.org.table('res.users');
    for (const other of table.ids({ order: 'id' })) {
      if (other !== id && rawOf(env.org, 'res.users', other, 'login') === login)
        return violated('You can not have two users with the same login!');
    }
    return null;
  },
};

function isOwnAncestor(env: Env, id: number): boolean {
  const seen = new Set<Raw>();
  for (let at: Raw = id; typeof at === 'number'; at = rawOf(env.org, 'res.partner', at, 'parent_id')) {
    if (seen.has(at)) return true;
    seen.add(at);
  }
  return false;
}

/** What a model refuses to let go of (`@api.ondelete`). */
export function checkRemoval(env: Env, model: string, ids: readonly number[]): void {
  if (model !== 'sale.order') return;
  const sold = ids.some((id) => !['draft', 'cancel'].includes(String(rawOf(env.org, model, id, 'state'))));
  if (!sold) return;
  throw new OdooError(
    'user',
    'You can not delete a sent quotation or a confirmed sales order. You must first cancel it.',
  );
}
