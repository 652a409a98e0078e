import { isJsonObject, type Json, type JsonObject } from '../kernel/index.ts';

export const rowsIn = (json: Json | undefined): JsonObject[] =>
  Array.isArray(json) ? (json as Json[]).filter(isJsonObject) : [];

/** A value as people read it; nothing for null. */
export const said = (value: Json | undefined): string =>
  value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);

export const counted = (value: Json | undefined, noun: string): string => {
  const count = typeof value === 'number' ? value : 0;
  const plural = noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`;
  return `${count.toLocaleString('en')} ${count === 1 ? noun : plural}`;
};

/** One object after an act on it: what it does now, and what comes next. */
export function objectReportLines(report: JsonObject): string[] {
  const { connection, object, what, fix, next_run_at: next, backfill_asked: asked } = report;
  const again = isJsonObject(asked)
    ? [`  to be read again: ${asked['since'] === null ? 'everything' : `what changed since ${said(asked['since'])}`}`]
    : [];
  return [
    `${said(connection)}/${said(object)}: ${said(what)}`,
    ...again,
    ...(fix === null ? [] : [`  ${said(fix)}`]),
    `  next look: ${next === null ? 'not by itself' : said(next)}`,
  ];
}
