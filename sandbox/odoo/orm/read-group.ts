import { OdooError } from '../errors.ts';
import type { FieldDef, Raw } from '../schema/field.ts';
import { displayName, rawOf, type Env } from './env.ts';
import { readableField } from './read.ts';
import { search } from './search.ts';

export interface GroupQuery {
  readonly domain: unknown;
  /** `field`, or `field:day`, `:month`, `:quarter`, `:year` of dates. */
  readonly groupby: readonly string[];
  /** `field:sum` and the like, or `__count`. */
  readonly aggregates: readonly string[];
}

export interface Group {
  /** By the texts of the query; many-to-one as `[id, name]`, dates as `[first day, label]`, nothing as false. */
  readonly keys: Readonly<Record<string, unknown>>;
  readonly values: Readonly<Record<string, unknown>>;
  readonly domain: readonly unknown[];
}

/** Groups of the records that the user may see, in the order of what they are grouped by. */
export function groups(env: Env, model: string, { domain, groupby, aggregates }: GroupQuery): readonly Group[] {
  const specs = groupby.map((text) => groupSpec(env, model, text));
  const measures = aggregates.map((text) => measure(env, model, text));
  const order = specs.map(({ field }) => field.name);
  const ids = search(env, model, domain, order.length === 0 ? {} : { order: [...order, 'id'].join(', ') });
  const found = new Map<string, { readonly first: number; readonly ids: number[] }>();
  for (const id of ids) {
    const key = JSON.stringify(specs.map((spec) => spec.bucket(rawOf(env.org, model, id, spec.field.name))));
    const group = found.get(key);
    if (group === undefined) found.set(key, { first: id, ids: [id] });
    else group.ids.push(id);
  }
  if (specs.length === 0 && found.size === 0) found.set('[]', { first: 0, ids: [] });
  return [...found.values()].map(({ first, ids: members }) => {
    const raws = specs.map((spec) => ({ spec, raw: rawOf(env.org, model, first, spec.field.name) }));
    return {
      keys: Object.fromEntries(raws.map(({ spec, raw }) => [spec.text, spec.shown(raw)])),
      values: Object.fromEntries(measures.map(({ text, of }) => [text, of(members)])),
      domain: raws.flatMap(({ spec, raw }) => spec.domain(raw)),
    };
  });
}

interface GroupSpec {
  readonly text: string;
  readonly field: FieldDef;
  bucket(raw: Raw): unknown;
  shown(raw: Raw): unknown;
  domain(raw: Raw): readonly unknown[];
}

function groupSpec(env: Env, model: string, text: string): GroupSpec {
  const [name = '', granularity = 'month'] = text.split(':');
  const field = readableField(env, model, name);
  if (field.type === 'date' || field.type === 'datetime') return dateSpec(text, field, granularity);
  const shown = (raw: Raw): unknown => {
    if (raw === null) return false;
    return field.type === 'many2one' ? [raw, displayName(env.org, field.relation ?? '', Number(raw))] : raw;
  };
  return { text, field, shown, bucket: (raw) => raw, domain: (raw) => [[name, '=', raw ?? false]] };
}

const LENGTHS: Readonly<Record<string, number>> = { day: 1, month: 1, quarter: 3, year: 12 };

function dateSpec(text: string, field: FieldDef, granularity: string): GroupSpec {
  const months = LENGTHS[granularity];
  if (months === undefined) throw new OdooError('value', `Granularity ${granularity} is not supported by the sandbox`);
  const first = (raw: Raw): string | null => {
    if (raw === null) return null;
    const day = typeof raw === 'number' ? new Date(Math.floor(raw / 1000)).toISOString().slice(0, 10) : String(raw);
    if (granularity === 'day') return day;
    const month = Number(day.slice(5, 7)) - 1;
    return new Date(Date.UTC(Number(day.slice(0, 4)), month - (month % months), 1)).toISOString().slice(0, 10);
  };
  const next = (day: string): string => {
    const date = new Date(`${day}T00:00:00Z`);
    if (granularity === 'day') date.setUTCDate(date.getUTCDate() + 1);
    else date.setUTCMonth(date.getUTCMonth() + months);
    return date.toISOString().slice(0, 10);
  };
  return {
    text,
    field,
    bucket: first,
    shown: (raw) => {
      const day = first(raw);
      return day === null ? false : [day, day];
    },
    domain: (raw) => {
      const day = first(raw);
      return day === null
        ? [[field.name, '=', false]]
        : [
            [field.name, '>=', day],
            [field.name, '<', next(day)],
          ];
    },
  };
}

interface Measure {
  readonly text: string;
  of(ids: readonly number[]): unknown;
}

function measure(env: Env, model: string, text: string): Measure {
  if (text === '__count') return { text, of: (ids) => ids.length };
  const [name = '', how = 'sum'] = text.split(':');
  readableField(env, model, name);
  const reduce = REDUCERS[how];
  if (reduce === undefined) throw new OdooError('value', `Invalid aggregate method ${how} for ${name}`);
  return {
    text,
    of: (ids) => reduce(ids.map((id) => rawOf(env.org, model, id, name)).filter((raw) => raw !== null)),
  };
}

const REDUCERS: Readonly<Record<string, (values: readonly Raw[]) => unknown>> = {
  sum: (values) => (values.length === 0 ? false : total(values)),
  avg: (values) => (values.length === 0 ? false : total(values) / values.length),
  min: (values) => values.toSorted(ascending)[0] ?? false,
  max: (values) => values.toSorted(ascending).at(-1) ?? false,
  count: (values) => values.length,
  count_distinct: (values) => new Set(values.map((value) => JSON.stringify(value))).size,
};

function total(values: readonly Raw[]): number {
  return values.reduce<number>((sum, value) => sum + Number(value), 0);
}

function ascending(a: Raw, b: Raw): number {
  const [left, right] = typeof a === 'string' ? [a, String(b)] : [Number(a), Number(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** `read_group` as releases before 19 answer it; by the first of the fields alone unless `lazy` is false. */
export function legacyGroups(
  env: Env,
  model: string,
  given: {
    readonly domain: unknown;
    readonly fields: readonly string[];
    readonly groupby: readonly string[];
    readonly lazy: boolean;
  },
): readonly Readonly<Record<string, unknown>>[] {
  const groupby = given.lazy ? given.groupby.slice(0, 1) : given.groupby;
  const named = given.fields.map((text) => /^(?:\w+:(\w+)\((\w+)\)|(\w+)(?::(\w+))?)$/.exec(text));
  const aggregates = named.flatMap((match) => {
    const [name, how] = match?.[2] === undefined ? [match?.[3] ?? '', match?.[4]] : [match[2], match[1]];
    const field = readableField(env, model, name);
    if (groupby.some((text) => text.split(':')[0] === name)) return [];
    const numeric = field.name !== 'id' && ['integer', 'float', 'monetary'].includes(field.type);
    return how !== undefined || numeric ? [`${name}:${how ?? 'sum'}`] : [];
  });
  const found = groups(env, model, { domain: given.domain, groupby, aggregates: [...aggregates, '__count'] });
  const counted = given.lazy && groupby[0] !== undefined ? `${groupby[0].split(':')[0] ?? ''}_count` : '__count';
  return found.map(({ keys, values: { __count: size, ...values }, domain }) => ({
    ...Object.fromEntries(Object.entries(keys).map(([text, key]) => [text, oldKey(env, model, text, key)])),
    ...Object.fromEntries(Object.entries(values).map(([text, value]) => [text.split(':')[0], value])),
    [counted]: size,
    __domain: [...(Array.isArray(given.domain) ? (given.domain as unknown[]) : []), ...domain],
  }));
}

/** Dates were shown by their label alone. */
function oldKey(env: Env, model: string, text: string, key: unknown): unknown {
  const type = env.org.registry.field(model, text.split(':')[0] ?? '')?.type;
  return (type === 'date' || type === 'datetime') && Array.isArray(key) ? (key as unknown[])[1] : key;
}
