import { isJsonObject, type ErrorBody, type Json, type JsonObject } from '../kernel/index.ts';

/**
 * What an error lists beside its message, a line each: the mistakes of a
 * project or overlay with their places, and the changes that break something.
 * Nothing where there is one only, which the message has told.
 */
export function listedIn(data: ErrorBody['data']): string[] {
  const lines = [...objectsIn(data?.['problems']).map(problemLine), ...objectsIn(data?.['breaks']).map(breakLine)];
  return lines.length > 1 ? lines : [];
}

const problemLine = (problem: JsonObject): string => {
  const place = ['file', 'line', 'column'].map((key) => text(problem[key])).join(':');
  return `${place} ${text(problem['path'])}: ${text(problem['message'])} ${text(problem['fix'])}`;
};

const breakLine = (each: JsonObject): string =>
  `"${text(each['name'])}" (${text(each['where'])}): ${text(each['what'])}`;

const text = (json: Json | undefined): string => (typeof json === 'string' ? json : JSON.stringify(json ?? null));

const objectsIn = (json: Json | undefined): JsonObject[] =>
  Array.isArray(json) ? (json as Json[]).filter(isJsonObject) : [];
