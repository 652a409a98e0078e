import { GantryError, isJsonObject, suggest, type Json, type JsonObject } from '../kernel/index.ts';
import type { MeasureOp, Operand, RelatedMeasure } from './ast.ts';
import type { FilterPlace } from './filter-place.ts';

export const measureOps: readonly MeasureOp[] = ['count', 'sum', 'avg', 'min', 'max'];

/** A path (`account.owner.email`) or a measure over related records (`{"max": "account.meetings.held_at", "where": ..}`). */
export function parseOperand(json: Json, place: FilterPlace): Operand {
  if (typeof json === 'string') return { kind: 'path', path: checkedPath(json, place.where) };
  if (isJsonObject(json)) return measureAt(json, place, []);
  throw new GantryError('query_shape_invalid', {
    message: 'A field is a name such as "account.name", or a measure such as {"count": "tickets"}.',
    where: place.where,
  });
}

/** `also`: keys that the place itself reads (`as`). */
export function measureAt(json: JsonObject, place: FilterPlace, also: readonly string[]): RelatedMeasure {
  const ops = measureOps.filter((op) => op in json);
  const [measure] = ops;
  for (const key of Object.keys(json)) {
    if (['where', 'in', 'on', measure].includes(key) || also.includes(key)) continue;
    throw new GantryError('query_shape_invalid', {
      message: `A measure has one of ${measureOps.join(', ')}, and "where"; not ${JSON.stringify(key.slice(0, 60))}.`,
      where: `${place.where}.${key}`,
      suggestions: suggest(key, [...measureOps, 'where', ...also]),
      fix: 'Write {"count": "tickets"} or {"max": "meetings.held_at", "where": {...}}.',
    });
  }
  const path = measure === undefined ? undefined : json[measure];
  if (measure === undefined || typeof path !== 'string') {
    throw new GantryError('query_shape_invalid', {
      message: 'A measure names the related records or their field by a path.',
      where: measure === undefined ? place.where : `${place.where}.${measure}`,
      fix: 'Write {"count": "tickets"} or {"max": "meetings.held_at", "where": {...}}.',
    });
  }
  const { relation, field } = splitMeasurePath(measure, checkedPath(path, `${place.where}.${measure}`), place.where);
  const inner = json['where'];
  const where =
    inner === undefined
      ? null
      : place.parse(inner, { ...place, where: `${place.where}.where`, depth: place.depth + 1 });
  return { kind: 'measure', measure, relation, field, where, convert: parseConversion(json, place) };
}

/** `"in": "EUR"`, and `"on": "close_date"`; null where neither is there. */
export function parseConversion(json: JsonObject, place: Pick<FilterPlace, 'where'>): RelatedMeasure['convert'] {
  const { in: to, on } = json;
  if (to === undefined && on === undefined) return null;
  if (typeof to === 'string' && (on === undefined || typeof on === 'string')) return { to, on: on ?? null };
  throw new GantryError('query_shape_invalid', {
    message:
      'A conversion names a currency, and may name a date field: {"sum": "amount", "in": "EUR", "on": "close_date"}.',
    where: `${place.where}.${typeof to === 'string' ? 'on' : 'in'}`,
  });
}

function splitMeasurePath(measure: MeasureOp, path: string, where: string): { relation: string; field: string | null } {
  if (measure === 'count') return { relation: path, field: null };
  const dot = path.lastIndexOf('.');
  if (dot > 0) return { relation: path.slice(0, dot), field: path.slice(dot + 1) };
  throw new GantryError('query_shape_invalid', {
    message: `"${measure}" over related records needs relation and field, such as "tickets.${path}".`,
    where: `${where}.${measure}`,
  });
}

function checkedPath(path: string, where: string): string {
  const segments = path.split('.');
  if (path.length <= 400 && segments.every((segment) => segment.trim() !== '')) return path;
  throw new GantryError('query_shape_invalid', {
    message: 'A path is names joined by single dots, at most 400 characters.',
    where,
  });
}
