import type { DomainNode } from './domain.ts';
import type { Env } from './env.ts';
import { readTime } from './time.ts';

/**
 * Records worth a look, in order of id or of write_date and id: all of them,
 * unless something that every match must fulfil names them or bounds them.
 * The domain is still tested on each; this only saves time.
 */
export function candidates(env: Env, model: string, node: DomainNode, order: 'id' | 'write'): Iterable<number> {
  const table = env.org.table(model);
  const required = conjuncts(node);
  const named = namedIds(env, model, required);
  if (named !== null && order === 'id') {
    return [...new Set(named)].filter((id) => table.exists(id)).toSorted((a, b) => a - b);
  }
  const fromId = lowest(env, model, node, 'id');
  const fromUs = lowest(env, model, node, 'write_date');
  return table.ids({
    order,
    ...(fromId === null ? {} : { fromId }),
    ...(fromUs === null ? {} : { fromUs }),
  });
}

type Leaf = DomainNode & { readonly kind: 'leaf' };

function conjuncts(node: DomainNode): readonly Leaf[] {
  if (node.kind === 'leaf') return [node];
  return node.kind === 'and' ? [...conjuncts(node.left), ...conjuncts(node.right)] : [];
}

function namedIds(env: Env, model: string, leaves: readonly Leaf[]): readonly number[] | null {
  for (const { field, operator, value } of leaves) {
    if (operator !== '=' && operator !== 'in') continue;
    const given = (Array.isArray(value) ? value : [value]) as readonly unknown[];
    if (!given.every((one): one is number => typeof one === 'number')) continue;
    if (field === 'id') return given;
    const def = env.org.registry.field(model, field);
    if (def?.type !== 'many2one' || def.compute !== undefined || def.related !== undefined) continue;
    return given.flatMap((parent) => env.org.table(model).children(field, parent));
  }
  return null;
}

/**
 * The lowest id or time of last change that a match can have; null where there
 * is no bound. Alternatives are bounded by the lower one, so that cursors such
 * as `write_date > t or (write_date = t and id > n)` are, too.
 */
function lowest(env: Env, model: string, node: DomainNode, field: 'id' | 'write_date'): number | null {
  switch (node.kind) {
    case 'leaf':
      return node.field === field && ['>', '>=', '='].includes(node.operator) ? boundOf(env, model, node) : null;
    case 'and': {
      const [left, right] = [lowest(env, model, node.left, field), lowest(env, model, node.right, field)];
      return left === null || right === null ? (left ?? right) : Math.max(left, right);
    }
    case 'or': {
      const [left, right] = [lowest(env, model, node.left, field), lowest(env, model, node.right, field)];
      return left === null || right === null ? null : Math.min(left, right);
    }
    case 'constant':
    case 'not':
      return null;
  }
}

function boundOf(env: Env, model: string, { field, value }: Leaf): number | null {
  if (field === 'id') return typeof value === 'number' ? value : null;
  const def = env.org.registry.field(model, field);
  return def === undefined || typeof value !== 'string' ? null : readTime(def, value).us;
}
