import type { Value } from '../schema/field.ts';
import type { Reach } from './reach.ts';
import type { Criterion, SharingRule } from './state.ts';

/** Whether a rule shares a record with these values and this owner. */
export function ruleApplies(
  rule: SharingRule,
  record: { readonly owner: string | null; read(storage: string): Value },
  reach: Reach,
): boolean {
  if (rule.from.kind === 'criteria') return rule.from.all.every((one) => meets(one, record.read(one.storage)));
  const { owner } = record;
  return owner !== null && (owner === rule.from.group || reach.members(rule.from.group).has(owner));
}

/** A blank value is neither less nor greater than anything, and contains nothing. */
export function meets({ operator, value: wanted }: Criterion, value: Value): boolean {
  const blank = value === null || value === '';
  switch (operator) {
    case 'equals':
      return blank ? wanted === null || wanted === '' : value === wanted;
    case 'notEqual':
      return blank ? wanted !== null && wanted !== '' : value !== wanted;
    case 'contains':
      return typeof value === 'string' && value.includes(String(wanted));
    case 'startsWith':
      return typeof value === 'string' && value.startsWith(String(wanted));
    case 'lessThan':
      return compared(value, wanted, (order) => order < 0);
    case 'greaterThan':
      return compared(value, wanted, (order) => order > 0);
    case 'lessOrEqual':
      return compared(value, wanted, (order) => order <= 0);
    case 'greaterOrEqual':
      return compared(value, wanted, (order) => order >= 0);
  }
}

function compared(value: Value, wanted: Value, test: (order: number) => boolean): boolean {
  if (typeof value === 'number' && typeof wanted === 'number') return test(value - wanted);
  if (typeof value !== 'string' || typeof wanted !== 'string' || value === '') return false;
  return test(value < wanted ? -1 : value > wanted ? 1 : 0);
}
