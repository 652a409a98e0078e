import { OdooError } from '../errors.ts';
import { isStored } from '../schema/field.ts';
import { modelOf, rawOf, seesField, type Env } from './env.ts';

export interface OrderTerm {
  readonly field: string;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** `write_date desc, id`; without directions ascending, and NULLs last unless descending, as PostgreSQL has it. */
export function parseOrder(env: Env, model: string, order: string): readonly OrderTerm[] {
  return order.split(',').map((part) => {
    const found = /^\s*(\w+)(?:\s+(asc|desc))?(?:\s+nulls\s+(first|last))?\s*$/i.exec(part);
    if (found === null) {
      throw new OdooError(
        'user',
        `Invalid "order" specified (${order}). A valid "order" specification is a comma-separated list of valid field ` +
          'names (optionally followed by asc/desc for the direction)',
      );
    }
    const name = found[1] ?? '';
    const field = env.org.registry.field(model, name);
    if (field === undefined || !seesField(env, field.groups))
      throw new OdooError('value', `Invalid field '${name}' on '${model}'`);
    // What is read through a many2one becomes a join (odoo/orm/models.py, _traverse_related_sql): users are sorted by their partner's name.
    if (!isStored(field) && field.related === undefined)
      throw new OdooError('value', `Cannot convert ${model}.${name} to SQL because it is not stored`);
    const descending = found[2]?.toLowerCase() === 'desc';
    const nulls = found[3]?.toLowerCase();
    return { field: name, descending, nullsFirst: nulls === undefined ? descending : nulls === 'first' };
  });
}

/** What a record sorts by: one value per term, in place of a many2one's what the other record sorts by. */
type Key = readonly KeyPart[];
type KeyPart = null | boolean | number | string | Key;

const DEPTH_MAX = 3;

/** Ids in the order of the terms. Keys are read once per record, because values may cost more than comparing. */
export function sorted(
  env: Env,
  model: string,
  ids: readonly number[],
  terms: readonly OrderTerm[],
): readonly number[] {
  const { keyOf, compareKeys } = sorter(env, model, terms, 0);
  return ids
    .map((id) => ({ id, key: keyOf(id) }))
    .toSorted((a, b) => compareKeys(a.key, b.key))
    .map(({ id }) => id);
}

interface Sorter {
  readonly keyOf: (id: number) => Key;
  readonly compareKeys: (a: Key, b: Key) => number;
}

function sorter(env: Env, model: string, terms: readonly OrderTerm[], depth: number): Sorter {
  const parts = terms.map((term) => {
    const field = env.org.registry.field(model, term.field);
    const relation = field?.type === 'many2one' && depth < DEPTH_MAX ? field.relation : undefined;
    // Many2one fields sort like the records that they point at.
    const inner =
      relation === undefined
        ? null
        : sorter(env, relation, parseOrder(env, relation, modelOf(env, relation).order), depth + 1);
    const known = new Map<number, Key>();
    const keyPart = (id: number): KeyPart => {
      const raw = rawOf(env.org, model, id, term.field);
      if (inner === null || typeof raw !== 'number') return raw;
      const key = known.get(raw) ?? inner.keyOf(raw);
      known.set(raw, key);
      return key;
    };
    return { keyPart, compareParts: partComparator(term, inner) };
  });
  return {
    keyOf: (id) => parts.map((part) => part.keyPart(id)),
    compareKeys: (a, b) => {
      for (const [at, part] of parts.entries()) {
        const result = part.compareParts(a[at] ?? null, b[at] ?? null);
        if (result !== 0) return result;
      }
      return 0;
    },
  };
}

function partComparator(term: OrderTerm, inner: Sorter | null): (a: KeyPart, b: KeyPart) => number {
  const sign = term.descending ? -1 : 1;
  return (a, b) => {
    if (a === null || b === null) {
      if (a === b) return 0;
      return (a === null) === term.nullsFirst ? -1 : 1;
    }
    if (typeof a === 'object' || typeof b === 'object') {
      const both = typeof a === 'object' && typeof b === 'object';
      return inner !== null && both ? sign * inner.compareKeys(a, b) : 0;
    }
    if (a === b) return 0;
    return a < b ? -sign : sign;
  };
}
