import { OdooError } from '../errors.ts';
import { parseDomain, type DomainNode } from '../orm/domain.ts';
import { rawOf, type Env } from '../orm/env.ts';
import type { Raw } from '../schema/field.ts';
import type { Operation } from '../schema/model.ts';
import { pythonExpression, type Names, type RecordValue } from './python-expression.ts';

/**
 * What the rules in force leave a user of a model; null: everything. Global
 * rules must all hold, of those for groups of the user's one is enough, and
 * rules for other groups say nothing (odoo/addons/base/models/ir_rule.py).
 */
export function ruleDomain(env: Env, model: string, operation: Operation): DomainNode | null {
  if (env.sudo) return null;
  const rules = env.org.rights.rules(model, operation);
  const global = rules.filter(({ groups }) => groups.length === 0);
  const own = rules.filter(({ groups }) => groups.some((group) => env.user.groups.has(group)));
  const read = ({ domain }: { readonly domain: string }): DomainNode => domainOf(env, domain);
  const parts = global.map(read);
  if (own.length > 0) parts.push(joined('or', own.map(read)));
  const node = parts.length === 0 ? null : joined('and', parts);
  return node?.kind === 'constant' && node.value ? null : node;
}

/** Constants decide at once: `[(1, '=', 1)]` is how a group gets everything. */
function joined(kind: 'and' | 'or', nodes: readonly DomainNode[]): DomainNode {
  const decides = kind === 'or';
  if (nodes.some((node) => node.kind === 'constant' && node.value === decides))
    return { kind: 'constant', value: decides };
  const rest = nodes.filter((node) => node.kind !== 'constant');
  const [first, ...more] = rest;
  if (first === undefined) return { kind: 'constant', value: !decides };
  return more.reduce((left, right) => ({ kind, left, right }), first);
}

function domainOf(env: Env, text: string): DomainNode {
  if (text.trim() === '') return { kind: 'constant', value: true };
  const domain = pythonExpression(text, namesOf(env));
  if (!Array.isArray(domain)) throw new OdooError('value', `a record rule is no domain: ${text}`);
  return parseDomain(domain as readonly unknown[]);
}

function namesOf(env: Env): Names {
  return {
    name: (name) => {
      if (name === 'user') return records('res.users', [env.user.uid]);
      if (name === 'company_ids') return companiesOf(env);
      if (name === 'company_id') return companiesOf(env)[0] ?? false;
      throw new OdooError('value', `name '${name}' is not defined`);
    },
    attribute: (of, name) => attribute(env, of, name),
  };
}

/**
 * The companies that a call is about: those of the context, which must all be
 * the user's, else all of the user's, the current one first (odoo/api.py).
 */
function companiesOf({ context, user }: Env): readonly number[] {
  const given: unknown = context['allowed_company_ids'];
  if (!Array.isArray(given) || given.length === 0) {
    return [user.companyId, ...user.companyIds.filter((id) => id !== user.companyId)];
  }
  if (given.every((id) => user.companyIds.includes(id as number))) return given as readonly number[];
  throw new OdooError('access', 'Access to unauthorized or invalid companies.');
}

function attribute({ org }: Env, { model, ids }: RecordValue, name: string): unknown {
  if (name === 'ids') return ids;
  if (name === 'id') return ids[0] ?? false;
  const field = org.registry.field(model, name);
  if (field === undefined) throw new OdooError('attribute', `'${model}' object has no attribute '${name}'`);
  const values: readonly Raw[] = ids.map((id) => rawOf(org, model, id, name));
  if (field.relation === undefined) return values[0] ?? false;
  const targets = values.flatMap((value) => (Array.isArray(value) ? (value as readonly number[]) : (value ?? [])));
  return records(field.relation, [...new Set(targets as readonly number[])]);
}

function records(model: string, ids: readonly number[]): RecordValue {
  return { kind: 'records', model, ids };
}
