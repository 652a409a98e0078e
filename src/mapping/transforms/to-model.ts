import type { ModelField } from '../../manifest/index.ts';
import { decimalDigits, decimalScaleMax, kindOf, type Kind } from '../kind.ts';
import { entryOf, quoteList } from '../sql-text.ts';
import { parseDate, parseMoment, parsePlainNumber, parseTime } from './parse-text.ts';
import { chain, same, sameStage, type Stage } from './stage.ts';
import { dayOf } from './step-stage.ts';
import { toText } from './to-text.ts';

/** What is known of the values that come in. */
export interface Operand {
  readonly kind: Kind;
  /** All texts that can come in; null where anything can. */
  readonly known: readonly string[] | null;
  /** Digits after the point of decimals that a source declares; null for all others. */
  readonly scale: number | null;
}

/**
 * The last stage of every mapping: into the type of the model's field. Values
 * that an enum does not list become missing, so that what the catalogue says
 * of a field is true of every row. Null where no value of `from` can ever be
 * one of the field's type.
 */
export function toModel(
  { kind: from, known, scale: digits }: Operand,
  field: Pick<ModelField, 'type' | 'values'>,
  scale: number,
): Stage | null {
  const into = kindOf(field.type);
  const { values } = field;
  // Asking again what a value map has settled would cost as much as the map.
  const isSettled = values !== null && known !== null && known.every((each) => values.includes(each));
  if (into === 'text') {
    const text = toText(from);
    if (text === null) return null;
    return values === null || (isSettled && from === 'text') ? text : chain(text, listed(values));
  }
  if (into === 'list') return toList(from, isSettled ? null : values);
  if (into === 'json') return toJson(from);
  if (from === 'text') {
    const parsed = parseStage(into);
    return into === parsed.kind ? parsed : chain(parsed, betweenKinds(parsed.kind, into, scale, null) ?? parsed);
  }
  return betweenKinds(from, into, scale, digits);
}

function parseStage(into: Kind): Stage {
  if (into === 'boolean') return parseBoolean;
  if (into === 'date') return parseDate('ymd');
  if (into === 'datetime') return parseMoment;
  return into === 'time' ? parseTime : parsePlainNumber;
}

const parseBoolean: Stage = {
  kind: 'boolean',
  sql: (x) => `case ${x} when 'true' then true when 'false' then false end`,
  value: (x) => (x === 'true' ? true : x === 'false' ? false : null),
  inverse: String,
};

/** Between kinds that are neither text, list nor JSON. */
function betweenKinds(from: Kind, into: Kind, scale: number, digits: number | null): Stage | null {
  if (from === into && into !== 'decimal') return sameStage(into);
  const isNumeric = from === 'integer' || from === 'number' || from === 'decimal';
  if (into === 'number' && isNumeric)
    return { kind: 'number', sql: (x) => `cast(${x} as double)`, value: (x) => x, inverse: same };
  if (into === 'integer' && isNumeric) return wholeNumber;
  if (into === 'decimal' && isNumeric) {
    const isExact = from === 'integer' || (from === 'decimal' && digits !== null && digits <= scale);
    return decimalOf(scale, isExact);
  }
  if (into === 'date' && from === 'datetime') return dayOf;
  if (into === 'datetime' && from === 'date') {
    return {
      kind: 'datetime',
      sql: (x) => `cast(${x} as timestamp)`,
      value: (x) => `${x as string}T00:00:00.000Z`,
      inverse: (x) => (x as string).slice(0, 10),
    };
  }
  return null;
}

/** Rounded, halves away from zero; missing beyond 2^53, where whole numbers are no longer exact. */
const wholeNumber: Stage = {
  kind: 'integer',
  sql: (x) => {
    const rounded = `round(cast(${x} as double))`;
    return `case when abs(${rounded}) <= ${Number.MAX_SAFE_INTEGER} then cast(${rounded} as bigint) end`;
  },
  value: (x) => {
    const rounded = roundHalfAway(x as number);
    return Math.abs(rounded) <= Number.MAX_SAFE_INTEGER ? rounded : null;
  },
  inverse: same,
};

/**
 * Rounded to `scale` digits as DuckDB casts DOUBLE; missing where it has more
 * digits than the column. What has no more digits than that goes without
 * DOUBLE in between, which costs ten times as much.
 */
function decimalOf(scale: number, isExact: boolean): Stage {
  if (scale > decimalScaleMax)
    return { kind: 'decimal', sql: (x) => `cast(${x} as double)`, value: (x) => x, inverse: same };
  return {
    kind: 'decimal',
    sql: (x) => `try_cast(${isExact ? x : `cast(${x} as double)`} as decimal(${decimalDigits},${scale}))`,
    value: (x) => {
      const units = roundHalfAway((x as number) * 10 ** scale);
      if (Math.abs(units) >= 10 ** decimalDigits) return null;
      // Times a hundred, a large whole number would be one that doubles cannot tell from its neighbours.
      return isExact && Number.isSafeInteger(x) ? x : units / 10 ** scale + 0;
    },
    inverse: same,
  };
}

/** `+ 0` turns the negative zero of small negative numbers into zero. */
const roundHalfAway = (value: number): number => Math.sign(value) * Math.round(Math.abs(value)) + 0;

const listed = (values: readonly string[]): Stage => ({
  kind: 'text',
  sql: (x) =>
    entryOf(
      x,
      values.map((each) => [each, each]),
    ),
  value: (x) => (values.includes(x as string) ? x : null),
  inverse: same,
});

function toList(from: Kind, values: readonly string[] | null): Stage | null {
  const text = from === 'list' ? sameStage('list') : toText(from);
  if (text === null) return null;
  const list: Stage = from === 'list' ? text : chain(text, oneItem);
  if (values === null) return list;
  return chain(list, {
    kind: 'list',
    sql: (x) => `list_filter(${x}, lambda item: item in (${quoteList(values)}))`,
    value: (x) => (x as readonly string[]).filter((item) => values.includes(item)),
    inverse: same,
  });
}

const oneItem: Stage = {
  kind: 'list',
  sql: (x) => `case when ${x} is not null then [${x}] end`,
  value: (x) => [x],
  inverse: (x) => ((x as readonly string[]).length === 1 ? ((x as readonly string[])[0] ?? null) : null),
};

/** Texts, numbers, booleans and lists as they are; dates and times as text. */
function toJson(from: Kind): Stage {
  if (from === 'json') return sameStage('json');
  const wrap = (x: string): string => `to_json(${x})`;
  if (from === 'decimal') return { kind: 'json', sql: (x) => wrap(`cast(${x} as double)`), value: same, inverse: same };
  if (from === 'date' || from === 'datetime' || from === 'time') {
    const text = toText(from) ?? sameStage('text');
    return { kind: 'json', sql: (x) => wrap(text.sql(x)), value: text.value, inverse: same };
  }
  return { kind: 'json', sql: wrap, value: same, inverse: same };
}
