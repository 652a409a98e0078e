import type { Json } from '../../kernel/index.ts';
import type { TransformStep } from '../../manifest/index.ts';
import type { Kind } from '../kind.ts';
import { entryOf, literal, quoteText } from '../sql-text.ts';
import { parseMidpoint, parseMoney } from './amounts.ts';
import { insideJson } from './inside-json.ts';
import { lowerText } from './lower.ts';
import { parseDate, parseNumber, spaces, trimSql, trimText } from './parse-text.ts';
import { unitNamed, unitStage } from './quantity.ts';
import { chain, same, sameStage, type Stage } from './stage.ts';
import { numberText, toText } from './to-text.ts';

/** Steps that turn one value into another; the others bring values from elsewhere (sources.ts). */
export type ValueStep = Exclude<
  TransformStep,
  { readonly kind: 'constant' | 'template' | 'concat' | 'lookup' | 'match' }
>;

/** A step for operands of `kind`; null where the step cannot work on it (JSON). */
export function stepStage(step: ValueStep, kind: Kind): Stage | null {
  switch (step.kind) {
    case 'value_map':
      return kind === 'list' ? mapItems(step) : onText(kind, mapText(step));
    case 'default':
      return defaultStage(step.value, kind);
    case 'number':
      if (kind === 'number') return sameStage('number');
      if (kind === 'integer' || kind === 'decimal') {
        return { kind: 'number', sql: (x) => `cast(${x} as double)`, value: (x) => x, inverse: same };
      }
      return onText(kind, parseNumber(step.decimal));
    case 'date':
      if (kind === 'date') return sameStage('date');
      if (kind === 'datetime') return dayOf;
      return onText(kind, parseDate(step.order));
    case 'lower':
      return onText(kind, {
        kind: 'text',
        sql: (x) => `lower(${x})`,
        value: (x) => lowerText(x as string),
        inverse: same,
      });
    case 'trim':
      return onText(kind, { kind: 'text', sql: trimSql, value: (x) => trimText(x as string), inverse: same });
    case 'email_domain':
      return onText(kind, emailDomain);
    case 'split':
      return onText(kind, partOf(step.separator, step.take));
    case 'money':
      return isNumeric(kind) ? sameStage(kind) : onText(kind, parseMoney(step.decimal, step.code));
    case 'midpoint':
      return isNumeric(kind) ? sameStage(kind) : onText(kind, parseMidpoint(step.decimal));
    case 'unit':
      return unitStage(unitNamed(step.from), unitNamed(step.to), kind);
    case 'json_path':
      return insideJson(step.path, kind);
  }
}

const isNumeric = (kind: Kind): boolean => kind === 'integer' || kind === 'number' || kind === 'decimal';

/** The day of a moment, in UTC. */
export const dayOf: Stage = {
  kind: 'date',
  sql: (x) => `cast(${x} as date)`,
  value: (x) => (x as string).slice(0, 10),
  inverse: (x) => `${x as string}T00:00:00.000Z`,
};

function onText(kind: Kind, stage: Stage): Stage | null {
  const text = toText(kind);
  return text === null ? null : chain(text, stage);
}

type ValueMap = Extract<TransformStep, { readonly kind: 'value_map' }>;

const mappedText = ({ map, otherwise }: ValueMap, text: string): string | null =>
  map.get(text) ?? (otherwise === 'keep' ? text : null);

/** Of several native values with one model value, the first that is listed is written. */
function nativeText({ map, otherwise }: ValueMap, value: string): string | null {
  for (const [native, mapped] of map) if (mapped === value) return native;
  return otherwise === 'keep' ? value : null;
}

function mappedSql({ map, otherwise }: ValueMap, x: string): string {
  const mapped = entryOf(x, map);
  return otherwise === 'keep' ? `coalesce(${mapped}, ${x})` : mapped;
}

const mapText = (step: ValueMap): Stage => ({
  kind: 'text',
  sql: (x) => mappedSql(step, x),
  value: (x) => mappedText(step, x as string),
  inverse: (x) => nativeText(step, x as string),
});

/** Each item on its own; those without a counterpart leave the list. */
const mapItems = (step: ValueMap): Stage => ({
  kind: 'list',
  sql: (x) =>
    `list_filter(list_transform(${x}, lambda item: ${mappedSql(step, 'item')}), lambda item: item is not null)`,
  value: (x) =>
    (x as readonly string[]).flatMap((item) => {
      const mapped = mappedText(step, item);
      return mapped === null ? [] : [mapped];
    }),
  inverse: (x) => {
    const items = (x as readonly string[]).map((item) => nativeText(step, item));
    return items.every((item) => item !== null) ? items : null;
  },
});

function defaultStage(value: string | number | boolean, kind: Kind): Stage | null {
  const fill = (into: Kind, sql: string, filled: Json, before: Stage = sameStage(into)): Stage => ({
    kind: into,
    sql: (x) => `coalesce(${before.sql(x)}, ${sql})`,
    value: before.value,
    fills: filled,
    ...(before.inverse === undefined ? {} : { inverse: before.inverse }),
  });
  if (typeof value === 'boolean' && kind === 'boolean') return fill('boolean', literal(value), value);
  if (typeof value === 'number') {
    if (kind === 'integer' && Number.isSafeInteger(value)) return fill('integer', String(value), value);
    if (kind === 'number') return fill('number', literal(value), value);
    if (kind === 'integer' || kind === 'decimal') {
      const wide: Stage = { kind: 'number', sql: (x) => `cast(${x} as double)`, value: (x) => x, inverse: same };
      return fill('number', literal(value), value, wide);
    }
  }
  const text = typeof value === 'number' ? numberText(value) : String(value);
  if (kind === 'list') return fill('list', `[${quoteText(text)}]`, [text]);
  const before = toText(kind);
  return before === null ? null : fill('text', quoteText(text), text, before);
}

/** Like DuckDB's: the parts that overlap nothing, from the left. */
const partOf = (separator: string, take: number): Stage => ({
  kind: 'text',
  sql: (x) => `nullif(split_part(${x}, ${quoteText(separator)}, ${take}), '')`,
  value: (x) => (x as string).split(separator).at(take > 0 ? take - 1 : take) || null,
});

const address = `^[^@${spaces}]+@([^@${spaces}]+\\.[^@${spaces}]+)$`;

/** `Lena@Acme.example` to `acme.example`; missing where it is no address. */
const emailDomain: Stage = {
  kind: 'text',
  sql: (x) => `nullif(lower(regexp_extract(${trimSql(x)}, ${quoteText(address)}, 1)), '')`,
  value: (x) => {
    const domain = new RegExp(address).exec(trimText(x as string))?.[1];
    return domain === undefined ? null : lowerText(domain);
  },
};
