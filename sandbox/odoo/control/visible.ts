import { ControlError } from '../../kit/index.ts';
import type { Org } from '../org.ts';
import { rawOf } from '../orm/env.ts';
import type { Raw } from '../schema/field.ts';
import { groupKey, withImplied } from '../security/groups.ts';
import { groupsField } from '../security/logins.ts';
import { pythonExpression, type RecordValue } from '../security/python-expression.ts';
import { ids } from '../security/rights.ts';
import { userNamed } from './people.ts';

interface Shown {
  readonly readable: boolean;
  readonly ids: readonly string[];
  readonly fields: readonly string[];
}

/**
 * What a user may read, straight from the rows of `ir.model.access`, `ir.rule`
 * and `res.groups`, record by record and without the ORM's search: archived
 * records are part of it.
 */
export function visible(org: Org, given: Readonly<Record<string, unknown>>): unknown {
  const user = userNamed(org, given['user']);
  const { object } = given;
  const names = typeof object === 'string' ? [object] : tables(org);
  const unknown = names.find((name) => org.registry.get(name) === undefined);
  if (unknown !== undefined) throw new ControlError(`no model ${unknown}`);
  return {
    user: user.login,
    objects: Object.fromEntries(names.map((name) => [name, user.active ? shown(org, user.uid, name) : NOTHING])),
  };
}

const NOTHING: Shown = { readable: false, ids: [], fields: [] };

function tables(org: Org): readonly string[] {
  return org.registry
    .modelNames()
    .filter((name) => !name.startsWith('ir.') && org.registry.get(name)?.kind === 'table');
}

function shown(org: Org, uid: number, model: string): Shown {
  const direct = ids(rawOf(org, 'res.users', uid, groupsField(org)));
  const groups = withImplied(direct, (id) => ids(rawOf(org, 'res.groups', id, 'implied_ids')));
  const rows = (of: string) =>
    [...org.table(of).ids({ order: 'id' })].filter(
      (id) =>
        rawOf(org, of, id, 'model_name') === model &&
        rawOf(org, of, id, 'active') === true &&
        rawOf(org, of, id, 'perm_read') === true,
    );
  const granted = rows('ir.model.access').some((id) => {
    const group = rawOf(org, 'ir.model.access', id, 'group_id');
    return group === null || groups.includes(Number(group));
  });
  if (!granted) return NOTHING;
  const domains = rows('ir.rule').map((id) => ({
    groups: ids(rawOf(org, 'ir.rule', id, 'groups')),
    domain: evaluated(org, uid, String(rawOf(org, 'ir.rule', id, 'domain_force') ?? '[]')),
  }));
  const own = domains.filter((rule) => rule.groups.some((group) => groups.includes(group)));
  const sees = (id: number): boolean =>
    domains.every((rule) => rule.groups.length > 0 || holds(org, model, id, rule.domain)) &&
    (own.length === 0 || own.some((rule) => holds(org, model, id, rule.domain)));
  const keys = groups.map(groupKey);
  const fields = org.registry
    .fields(model)
    .filter((field) => field.groups?.some((group) => keys.includes(group)) ?? true);
  return {
    readable: true,
    ids: [...org.table(model).ids({ order: 'id' })].filter(sees).map(String),
    fields: fields.map(({ name }) => name).toSorted(),
  };
}

function evaluated(org: Org, uid: number, text: string): readonly unknown[] {
  const record = (model: string, found: readonly number[]): RecordValue => ({ kind: 'records', model, ids: found });
  const companies = ids(rawOf(org, 'res.users', uid, 'company_ids'));
  return pythonExpression(text.trim() === '' ? '[]' : text, {
    name: (name) =>
      name === 'user'
        ? record('res.users', [uid])
        : name === 'company_ids'
          ? companies
          : rawOf(org, 'res.users', uid, 'company_id'),
    attribute: ({ model, ids: of }, name) => {
      if (name === 'ids') return of;
      if (name === 'id') return of[0] ?? false;
      const raws = of.flatMap((id) => rawOf(org, model, id, name) ?? []);
      const relation = org.registry.field(model, name)?.relation;
      return relation === undefined ? (raws[0] ?? false) : record(relation, raws as readonly number[]);
    },
  }) as readonly unknown[];
}

/** Prefix notation, read from behind: what no operator joins must all hold. */
function holds(org: Org, model: string, id: number, domain: readonly unknown[]): boolean {
  const stack: boolean[] = [];
  const pop = (): boolean => stack.pop() ?? true;
  for (const term of domain.toReversed()) {
    if (term === '!') stack.push(!pop());
    else if (term === '&') stack.push([pop(), pop()].every(Boolean));
    else if (term === '|') stack.push([pop(), pop()].some(Boolean));
    else stack.push(leafHolds(org, model, id, term as readonly [unknown, string, unknown]));
  }
  return stack.every(Boolean);
}

function leafHolds(
  org: Org,
  model: string,
  id: number,
  [path, operator, value]: readonly [unknown, string, unknown],
): boolean {
  if (typeof path === 'number') return path === value;
  const [name = '', ...rest] = String(path).split('.');
  const raw = rawOf(org, model, id, name);
  const relation = org.registry.field(model, name)?.relation;
  if (rest.length > 0) {
    const targets = Array.isArray(raw) ? (raw as readonly number[]) : typeof raw === 'number' ? [raw] : [];
    return targets.some((target) => leafHolds(org, relation ?? '', target, [rest.join('.'), operator, value]));
  }
  const wanted = (Array.isArray(value) ? value : [value]) as readonly unknown[];
  const isOne = (one: unknown): boolean => same(raw, one);
  switch (operator) {
    case '=':
    case 'in':
      return wanted.some(isOne);
    case '!=':
    case 'not in':
      return !wanted.some(isOne);
    case '>=':
      return Number(raw ?? 0) >= Number(value);
    case '>':
      return Number(raw ?? 0) > Number(value);
    case '<=':
      return Number(raw ?? 0) <= Number(value);
    case '<':
      return Number(raw ?? 0) < Number(value);
    default:
      throw new ControlError(`this check does not know the operator ${operator}`);
  }
}

function same(raw: Raw, one: unknown): boolean {
  if (Array.isArray(raw)) return one === false ? raw.length === 0 : (raw as readonly unknown[]).includes(one);
  if (one === false) return raw === null || raw === false || raw === '';
  return raw === one;
}
