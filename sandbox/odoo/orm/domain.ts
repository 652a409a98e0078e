import { OdooError } from '../errors.ts';
import type { Domain } from '../schema/model.ts';

export type DomainNode =
  | { readonly kind: 'and' | 'or'; readonly left: DomainNode; readonly right: DomainNode }
  | { readonly kind: 'not'; readonly of: DomainNode }
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'leaf'; readonly field: string; readonly operator: string; readonly value: unknown };

const OPERATORS = new Set([
  '=',
  '!=',
  '<>',
  '==',
  '<',
  '<=',
  '>',
  '>=',
  '=?',
  'in',
  'not in',
  'like',
  'not like',
  'ilike',
  'not ilike',
  '=like',
  'not =like',
  '=ilike',
  'not =ilike',
  'child_of',
  'parent_of',
  'any',
  'not any',
]);

/** Reads prefix notation; terms that no operator joins are all required. Throws as Odoo does on what is no domain. */
export function parseDomain(domain: Domain): DomainNode {
  let rest: readonly unknown[] = domain;
  let node: DomainNode | null = null;
  while (rest.length > 0) {
    const [next, after] = term(rest);
    node = node === null ? next : { kind: 'and', left: node, right: next };
    rest = after;
  }
  return node ?? { kind: 'constant', value: true };
}

function term(items: readonly unknown[]): readonly [DomainNode, readonly unknown[]] {
  const [first, ...rest] = items;
  if (first === '!') {
    const [of, after] = operand(rest, first);
    return [{ kind: 'not', of }, after];
  }
  if (first === '&' || first === '|') {
    const [left, middle] = operand(rest, first);
    const [right, after] = operand(middle, first);
    return [{ kind: first === '&' ? 'and' : 'or', left, right }, after];
  }
  return [leaf(first), rest];
}

function operand(items: readonly unknown[], operator: string): readonly [DomainNode, readonly unknown[]] {
  if (items.length === 0)
    throw new OdooError('value', `Domain is syntactically not correct: '${operator}' lacks an operand`);
  return term(items);
}

function leaf(item: unknown): DomainNode {
  const [field, operator, value] = Array.isArray(item) && item.length === 3 ? (item as readonly unknown[]) : [];
  if (operator === '=' && typeof field === 'number' && typeof value === 'number') {
    return { kind: 'constant', value: field === value };
  }
  if (typeof field !== 'string' || typeof operator !== 'string' || !OPERATORS.has(operator.toLowerCase())) {
    throw new OdooError('value', `Invalid leaf ${JSON.stringify(item)}`);
  }
  return { kind: 'leaf', field, operator: operator.toLowerCase(), value };
}

/** Whether a domain speaks of a field itself, as archived records are then up to it. */
export function mentions(node: DomainNode, field: string): boolean {
  switch (node.kind) {
    case 'and':
    case 'or':
      return mentions(node.left, field) || mentions(node.right, field);
    case 'not':
      return mentions(node.of, field);
    case 'constant':
      return false;
    case 'leaf':
      return node.field === field;
  }
}
