import { isJsonObject, type Json } from '../kernel/index.ts';

/** One place of a saved query where the caller's value goes: `{"param": "segment"}`. */
export interface ParamPlace {
  readonly param: string;
  readonly path: readonly (string | number)[];
}

/** Every `{"param": ...}` in a saved query, in the order of the text. */
export function paramsIn(query: Json, path: readonly (string | number)[] = []): ParamPlace[] {
  const param = paramOf(query);
  if (param !== null) return [{ param, path }];
  if (Array.isArray(query)) return query.flatMap((item: Json, index) => paramsIn(item, [...path, index]));
  if (!isJsonObject(query)) return [];
  return Object.entries(query).flatMap(([key, value]) => paramsIn(value, [...path, key]));
}

/** The query with each `{"param": ...}` replaced by what `valueOf` gives for it. */
export function fillParams(query: Json, valueOf: (param: string) => Json): Json {
  const param = paramOf(query);
  if (param !== null) return valueOf(param);
  if (Array.isArray(query)) return query.map((item: Json) => fillParams(item, valueOf));
  if (!isJsonObject(query)) return query;
  return Object.fromEntries(Object.entries(query).map(([key, value]) => [key, fillParams(value, valueOf)]));
}

function paramOf(json: Json): string | null {
  if (!isJsonObject(json)) return null;
  const { param, ...others } = json;
  return typeof param === 'string' && Object.keys(others).length === 0 ? param : null;
}
