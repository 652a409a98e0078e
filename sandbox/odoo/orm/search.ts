import { OdooError } from '../errors.ts';
import type { Domain } from '../schema/model.ts';
import { candidates } from './candidates.ts';
import { mentions, parseDomain, type DomainNode } from './domain.ts';
import { activeField, checkAccess, modelOf, type Env } from './env.ts';
import { compileDomain, ruleTest } from './match.ts';
import { parseOrder, sorted, type OrderTerm } from './order.ts';

export interface SearchOptions {
  readonly offset?: number;
  readonly limit?: number | null;
  readonly order?: string | null;
}

/** Ids of the records that the domain, the record rules and the archive leave, in order. */
export function search(env: Env, model: string, domain: unknown, options: SearchOptions = {}): readonly number[] {
  checkAccess(env, model, 'read');
  const def = modelOf(env, model);
  if (def.kind === 'abstract') throw new OdooError('attribute', `'${model}' object has no attribute '_table'`);
  const node = withArchive(env, model, parseDomain(asDomain(domain)));
  const test = compileDomain(env, model, node);
  const visible = ruleTest(env, model);
  const terms = parseOrder(env, model, options.order ?? def.order);
  const offset = options.offset ?? 0;
  // No limit, and none of 0 either, as Odoo reads it.
  const limit = options.limit ? options.limit : Number.POSITIVE_INFINITY;
  const natural = naturalOrder(terms);
  const source = candidates(env, model, node, natural ?? 'id');
  const passes = (id: number): boolean => test(id) && visible(id);
  if (natural !== null) return page(source, passes, offset, limit);
  const found = page(source, passes, 0, Number.POSITIVE_INFINITY);
  return sorted(env, model, found, terms).slice(offset, offset + limit);
}

/** Archived records are left out unless the domain or the context asks for them. */
function withArchive(env: Env, model: string, node: DomainNode): DomainNode {
  const flag = activeField(env.org, model);
  if (flag === null || env.context['active_test'] === false || mentions(node, flag)) return node;
  return { kind: 'and', left: node, right: { kind: 'leaf', field: flag, operator: '=', value: true } };
}

function asDomain(value: unknown): Domain {
  if (value === undefined || value === null || value === false) return [];
  if (Array.isArray(value)) return value;
  throw new OdooError('type', `Domain() takes a list, not ${typeof value}`);
}

/** The orders in which tables lie anyway; rows then need no sorting, and a limit ends the search. */
function naturalOrder(terms: readonly OrderTerm[]): 'id' | 'write' | null {
  const [first, second] = terms;
  if (first === undefined || first.descending) return null;
  if (first.field === 'id') return 'id';
  return first.field === 'write_date' && second?.field === 'id' && !second.descending ? 'write' : null;
}

function page(
  source: Iterable<number>,
  passes: (id: number) => boolean,
  offset: number,
  limit: number,
): readonly number[] {
  const found: number[] = [];
  let skipped = 0;
  for (const id of source) {
    if (!passes(id)) continue;
    if (skipped < offset) skipped += 1;
    else if (found.push(id) >= limit) break;
  }
  return found;
}
