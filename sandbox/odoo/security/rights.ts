import type { Org } from '../org.ts';
import { rawOf } from '../orm/env.ts';
import type { Raw } from '../schema/field.ts';
import type { Operation } from '../schema/model.ts';
import { groupKey, withImplied } from './groups.ts';

export const ACCESS_MODEL = 'ir.model.access';
export const RULE_MODEL = 'ir.rule';

/** A record rule that is in force. */
export interface ActiveRule {
  readonly id: number;
  readonly domain: string;
  /** Empty: for everybody. */
  readonly groups: readonly string[];
}

/** What the database says about rights, read anew whenever somebody changed it. */
export interface Rights {
  /** Groups that may do it; `everybody` where an access right names no group. */
  allowed(model: string, operation: Operation): { readonly everybody: boolean; readonly groups: readonly string[] };
  rules(model: string, operation: Operation): readonly ActiveRule[];
  /** Groups by the names that rights use, those included that others imply. */
  effective(groupIds: readonly number[]): ReadonlySet<string>;
}

export function createRights(org: Org): Rights {
  let accessOf = grouped(org, ACCESS_MODEL);
  let rulesOf = grouped(org, RULE_MODEL);
  let read = -1;
  const fresh = (): void => {
    const now = org.table(ACCESS_MODEL).version() + org.table(RULE_MODEL).version();
    if (now === read) return;
    [accessOf, rulesOf, read] = [grouped(org, ACCESS_MODEL), grouped(org, RULE_MODEL), now];
  };
  return {
    allowed: (model, operation) => {
      fresh();
      const rows = (accessOf.get(model) ?? []).filter(
        (id) => rawOf(org, ACCESS_MODEL, id, `perm_${operation}`) === true,
      );
      const groups = rows.map((id) => rawOf(org, ACCESS_MODEL, id, 'group_id'));
      return {
        everybody: groups.includes(null),
        groups: groups.flatMap((id) => (typeof id === 'number' ? [groupKey(id)] : [])),
      };
    },
    rules: (model, operation) => {
      fresh();
      return (rulesOf.get(model) ?? [])
        .filter((id) => rawOf(org, RULE_MODEL, id, `perm_${operation}`) === true)
        .map((id) => ({
          id,
          domain: String(rawOf(org, RULE_MODEL, id, 'domain_force') ?? ''),
          groups: ids(rawOf(org, RULE_MODEL, id, 'groups')).map(groupKey),
        }));
    },
    effective: (groupIds) =>
      new Set(withImplied(groupIds, (id) => ids(rawOf(org, 'res.groups', id, 'implied_ids'))).map(groupKey)),
  };
}

/** Active rows by the model that they are about. */
function grouped(org: Org, model: string): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const id of org.table(model).ids({ order: 'id' })) {
    if (rawOf(org, model, id, 'active') === false) continue;
    const about = String(rawOf(org, model, id, 'model_name'));
    found.set(about, [...(found.get(about) ?? []), id]);
  }
  return found;
}

export function ids(raw: Raw): readonly number[] {
  return Array.isArray(raw) ? (raw as readonly number[]) : [];
}
