import { hashText } from '../../kit/index.ts';
import type { FieldDef, FieldType, Value } from '../schema/field.ts';
import { MARKER_FIELD } from '../schema/marker-field.ts';

/** One record in eight has something in a field that came with a package. */
const FILLED_ONE_IN = 8;
const DAY_MS = 86_400_000;

/** In the storage name of a field that a program made: it holds nothing before somebody writes it. */
export const MADE = '#made';

/** Package fields of the world's records hold something here and there; all others only what the world says. */
export function isSparse(def: FieldDef): boolean {
  if (def.storage === MARKER_FIELD || def.storage.includes(MADE)) return false;
  return def.custom && !def.calculated && def.type !== 'reference' && def.compound === null;
}

/** A number for `Object.Field` that spreads its values independently of other fields. */
export function sparseKey(object: string, storage: string): number {
  return hashText(`${object}.${storage}`);
}

/** A value that depends only on org, field and row, or the field's empty value. */
export function sparseValue(def: FieldDef, bits: number, anchorMs: number): Value {
  if (bits % FILLED_ONE_IN !== 0) return def.defaultValue;
  const pick = Math.floor(bits / FILLED_ONE_IN);
  const make = makers[def.type];
  return make === undefined ? def.defaultValue : make(def, pick, anchorMs - (pick % 1_000) * DAY_MS);
}

type Maker = (def: FieldDef, pick: number, at: number) => Value;

const text: Maker = (def, pick) => `${def.label} ${pick % 100_000}`.slice(0, def.length);
const decimal: Maker = (def, pick) => (pick % 10 ** Math.min(6, def.precision)) / 10 ** Math.min(def.scale, 2);

const makers: Partial<Record<FieldType, Maker>> = {
  boolean: () => true,
  picklist: (def, pick) => def.picklist[pick % def.picklist.length] ?? null,
  multipicklist: (def, pick) => someOf(def.picklist, pick),
  double: decimal,
  currency: decimal,
  percent: decimal,
  date: (_def, _pick, at) => new Date(at).toISOString().slice(0, 10),
  datetime: (_def, _pick, at) => Math.floor(at / 1000) * 1000,
  time: (_def, pick) => `${String(pick % 24).padStart(2, '0')}:${pick % 2 === 0 ? '00' : '30'}:00.000Z`,
  email: (_def, pick) => `info${pick % 997}@example.com`,
  url: (_def, pick) => `https://example.com/${pick % 9973}`,
  phone: (_def, pick) => `+49 30 ${String(pick % 10_000_000).padStart(7, '0')}`,
  string: text,
  textarea: text,
};

function someOf(values: readonly string[], bits: number): Value {
  const chosen = values.filter((_value, at) => ((bits >>> (at % 24)) & 1) === 1);
  return chosen.length === 0 ? null : chosen.join(';');
}
