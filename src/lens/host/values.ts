import {
  DuckDBArrayValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTypeId,
  DuckDBUnionValue,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { Json } from '../../kernel/index.ts';

/**
 * A DuckDB value as JSON. Whole numbers and decimals are numbers where a
 * double says exactly the same, else their text. Dates are `YYYY-MM-DD`, times
 * of day as DuckDB writes them, points in time ISO with Z. NaN and infinities
 * are null, and so is a date or time that is `infinity`. What JSON has no word
 * for (intervals, blobs, uuids) is text.
 */
export function toJson(value: DuckDBValue, type: DuckDBType): Json {
  if (value === null) return null;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'bigint') return wholeNumber(value);
  if (typeof value === 'string') return isJson(type) ? parsed(value) : value;
  return composite(value, type);
}

type Composite = Exclude<DuckDBValue, null | boolean | number | bigint | string>;

function composite(value: Composite, type: DuckDBType): Json {
  if (value instanceof DuckDBDecimalValue) return decimal(value);
  if (value instanceof DuckDBDateValue) return value.isFinite ? value.toString() : null;
  if (value instanceof DuckDBTimestampValue) return value.isFinite ? instant(value.micros) : null;
  if (value instanceof DuckDBTimestampTZValue) return value.isFinite ? instant(value.micros) : null;
  if (value instanceof DuckDBTimestampMillisecondsValue) return value.isFinite ? instant(value.millis * 1_000n) : null;
  if (value instanceof DuckDBTimestampSecondsValue) return value.isFinite ? instant(value.seconds * 1_000_000n) : null;
  if (value instanceof DuckDBTimestampNanosecondsValue) return value.isFinite ? instant(value.nanos / 1_000n) : null;
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) {
    const item = itemType(type);
    return value.items.map((each) => toJson(each, item));
  }
  if (value instanceof DuckDBStructValue) return struct(value, type);
  if (value instanceof DuckDBMapValue) return map(value, type);
  if (value instanceof DuckDBUnionValue) {
    return toJson(value.value, type.typeId === DuckDBTypeId.UNION ? type.memberTypeForTag(value.tag) : type);
  }
  return value.toString();
}

function wholeNumber(value: bigint): Json {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

/** A double gives back any 15 digits; with more, it is exact only if its own text is the same number. */
function decimal(value: DuckDBDecimalValue): Json {
  const exact = value.toString();
  const number = Number(exact);
  const digits = trimZeros(exact)
    .replace(/^-?0?\.?0*/, '')
    .replace('.', '');
  return digits.length <= 15 || trimZeros(exact) === String(number) ? number : exact;
}

function trimZeros(text: string): string {
  const trimmed = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  return trimmed === '-0' ? '0' : trimmed;
}

/** ISO with milliseconds; the remaining microseconds only where there are any. */
function instant(micros: bigint): Json {
  const rest = ((micros % 1_000n) + 1_000n) % 1_000n;
  const date = new Date(Number((micros - rest) / 1_000n));
  if (Number.isNaN(date.getTime())) return null;
  const iso = date.toISOString();
  return rest === 0n ? iso : iso.replace('Z', `${String(rest).padStart(3, '0')}Z`);
}

function itemType(type: DuckDBType): DuckDBType {
  if (type.typeId === DuckDBTypeId.LIST || type.typeId === DuckDBTypeId.ARRAY) return type.valueType;
  return type;
}

function struct(value: DuckDBStructValue, type: DuckDBType): Json {
  const out: Record<string, Json> = {};
  for (const [name, item] of Object.entries(value.entries)) {
    const index = type.typeId === DuckDBTypeId.STRUCT ? type.indexForEntry(name) : -1;
    const inner = type.typeId === DuckDBTypeId.STRUCT ? type.entryTypes[index] : undefined;
    out[name] = toJson(item, inner ?? type);
  }
  return out;
}

function map(value: DuckDBMapValue, type: DuckDBType): Json {
  const inner = type.typeId === DuckDBTypeId.MAP ? type : null;
  return value.entries.map(({ key, value: item }) => ({
    key: toJson(key, inner?.keyType ?? type),
    value: toJson(item, inner?.valueType ?? type),
  }));
}

const isJson = (type: DuckDBType): boolean => type.alias === 'JSON';

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
