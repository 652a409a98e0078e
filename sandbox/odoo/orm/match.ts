import { OdooError } from '../errors.ts';
import { isX2many, type FieldDef } from '../schema/field.ts';
import { compare } from './compare.ts';
import { parseDomain, type DomainNode } from './domain.ts';
import { ruleDomain } from '../security/rule-domain.ts';
import type { Operation } from '../schema/model.ts';
import { checkAccess, displayName, rawOf, seesField, superuser, type Env } from './env.ts';

export type Test = (id: number) => boolean;

/** A test for the records of a model. Throws on fields that do not exist or that the user may not know of. */
export function compileDomain(env: Env, model: string, node: DomainNode): Test {
  switch (node.kind) {
    case 'and': {
      const [left, right] = [compileDomain(env, model, node.left), compileDomain(env, model, node.right)];
      return (id) => left(id) && right(id);
    }
    case 'or': {
      const [left, right] = [compileDomain(env, model, node.left), compileDomain(env, model, node.right)];
      return (id) => left(id) || right(id);
    }
    case 'not': {
      const of = compileDomain(env, model, node.of);
      return (id) => !of(id);
    }
    case 'constant':
      return () => node.value;
    case 'leaf':
      return compileLeaf(env, model, node);
  }
}

type Leaf = DomainNode & { readonly kind: 'leaf' };

function compileLeaf(env: Env, model: string, leaf: Leaf): Test {
  const [name = '', ...rest] = leaf.field.split('.');
  const field = env.org.registry.field(model, name);
  if (field === undefined || !seesField(env, field.groups)) {
    const where = env.org.version >= 19 ? 'condition' : 'leaf';
    const shown = `('${leaf.field}', '${leaf.operator}', ${JSON.stringify(leaf.value)})`;
    throw new OdooError('value', `Invalid field ${model}.${name} in ${where} ${shown}`);
  }
  if (rest.length > 0) {
    const relation = relationOf(model, field);
    checkAccess(env, relation, 'read');
    const inner = compileDomain(env, relation, { ...leaf, field: rest.join('.') });
    return anyOf(env, model, field, relation, inner);
  }
  if (leaf.operator === 'any' || leaf.operator === 'not any') {
    if (env.org.version < 17 || !Array.isArray(leaf.value))
      throw new OdooError('value', `Invalid leaf on ${leaf.field}`);
    const relation = relationOf(model, field);
    const any = anyOf(env, model, field, relation, compileDomain(env, relation, parseDomain(leaf.value)));
    return leaf.operator === 'any' ? any : (id) => !any(id);
  }
  if (leaf.operator === 'child_of' || leaf.operator === 'parent_of') return hierarchy(env, model, field, leaf);
  const test = compare(env, field, leaf.operator, leaf.value);
  return (id) => test(rawOf(env.org, model, id, name));
}

function relationOf(model: string, field: FieldDef): string {
  if (field.relation !== undefined) return field.relation;
  throw new OdooError('value', `Non-relational field '${field.name}' on '${model}' in a dotted path`);
}

/** Some record that the field points at passes, and the user may see it. */
function anyOf(env: Env, model: string, field: FieldDef, relation: string, inner: Test): Test {
  const { org } = env;
  const table = org.table(relation);
  const visible = ruleTest(env, relation);
  const cache = new Map<number, boolean>();
  const passes = (target: number): boolean => {
    const known = cache.get(target);
    if (known !== undefined) return known;
    const result = table.exists(target) && visible(target) && inner(target);
    cache.set(target, result);
    return result;
  };
  return (id) => {
    const value = rawOf(org, model, id, field.name);
    if (isX2many(field)) return Array.isArray(value) && value.some(passes);
    return typeof value === 'number' && passes(value);
  };
}

/** Along `parent_id`: the record itself counts as its own child and parent. */
function hierarchy(env: Env, model: string, field: FieldDef, leaf: Leaf): Test {
  const { org } = env;
  const relation = field.name === 'id' ? model : relationOf(model, field);
  if (org.registry.field(relation, 'parent_id')?.relation !== relation) {
    throw new OdooError('value', `${relation} has no parent for ${leaf.operator}`);
  }
  const roots = new Set(rootIds(env, relation, leaf.value));
  const above = (id: number): readonly number[] => {
    const chain: number[] = [];
    let at: unknown = id;
    while (typeof at === 'number' && !chain.includes(at)) {
      chain.push(at);
      at = rawOf(org, relation, at, 'parent_id');
    }
    return chain;
  };
  const ancestors = new Set([...roots].flatMap(above));
  const passes = (target: number): boolean =>
    leaf.operator === 'child_of' ? above(target).some((id) => roots.has(id)) : ancestors.has(target);
  return (id) => {
    const value = rawOf(org, model, id, field.name);
    return Array.isArray(value) ? value.some(passes) : typeof value === 'number' && passes(value);
  };
}

function rootIds(env: Env, relation: string, value: unknown): readonly number[] {
  const given: readonly unknown[] = Array.isArray(value) ? value : [value];
  return given.flatMap((one) => {
    if (typeof one === 'number') return [one];
    if (typeof one !== 'string') return [];
    const wanted = one.toLowerCase();
    return [...env.org.table(relation).ids({ order: 'id' })].filter((id) =>
      displayName(env.org, relation, id).toLowerCase().includes(wanted),
    );
  });
}

const everything: Test = () => true;

/** Which records the user's record rules leave. Rules look at every field and record, as the superuser would. */
export function ruleTest(env: Env, model: string, operation: Operation = 'read'): Test {
  const domain = ruleDomain(env, model, operation);
  return domain === null ? everything : compileDomain(superuser(env), model, domain);
}
