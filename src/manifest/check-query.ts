import { GantryError, isJsonObject, suggest, type Json, type JsonObject } from '../kernel/index.ts';
import { measureOps, parseMeasure, type Filter } from '../filter/index.ts';
import { checkNativeName } from './build-agent.ts';
import type { DocumentPath, Reporter } from './document.ts';
import { checkOver, comparisons, readFilter, resolvePath, type FilterPlace } from './read-filter.ts';
import { findModel, type Scope } from './scope.ts';
import type { Model } from './types.ts';

export interface QueryPlace {
  /** Of the query. */
  readonly path: DocumentPath;
  readonly report: Reporter;
  readonly scope: Scope;
  /** Texts that stand for what a caller will give: any value fits them. */
  readonly samples: ReadonlySet<string>;
}

/**
 * The arguments of query_records without a tenant: every part has its form,
 * and over a model every name is there. Fields of native objects are known
 * per tenant only.
 */
export function checkQuery(query: JsonObject, place: QueryPlace): void {
  const { object } = query;
  if (typeof object !== 'string') return;
  const isNative = object.includes('.');
  if (isNative) checkNativeName(object, { path: [...place.path, 'object'], at: 'value' }, place.scope, place.report);
  const model = isNative ? null : findModel(object, [...place.path, 'object'], place.scope, place.report);
  if (!isNative && model === null) return;
  const checks = checksOver(model, place);
  if (query['filter'] !== undefined) checks.filter(query['filter'], ['filter']);
  const isAggregate = query['measures'] !== undefined || query['group_by'] !== undefined;
  if (isAggregate) checkAggregate(query, place, checks);
  else checkList(query, place, checks);
}

/** Each check takes the part and its path below the query. */
interface Checks {
  readonly path: (path: string, at: DocumentPath) => void;
  readonly measure: (measure: JsonObject, at: DocumentPath) => void;
  readonly filter: (form: Json, at: DocumentPath) => Filter | null;
}

function checksOver(model: Model | null, place: QueryPlace): Checks {
  const at = (below: DocumentPath): FilterPlace => ({ ...place, path: [...place.path, ...below] });
  return {
    path: (path, below) => {
      // What every row has, such as `_ref`, is no field of the model.
      if (model !== null && !path.startsWith('_')) resolvePath(path.split('.'), model, at(below));
    },
    measure: (measure, below) => {
      try {
        const operand = parseMeasure(measure, { where: '', also: ['as'] });
        const compared = { kind: 'compare', operand, op: 'is_null', value: { kind: 'literal', value: true } } as const;
        if (model !== null) checkOver(compared, model, at(below));
      } catch (error) {
        if (!(error instanceof GantryError)) throw error;
        refuse(error.message, error.toBody().fix, below, place);
      }
    },
    filter: (form, below) => {
      const { path, report } = at(below);
      const filter = readFilter(form as object, path, report);
      if (filter !== null && model !== null) checkOver(filter, model, at(below));
      return filter;
    },
  };
}

function checkList(query: JsonObject, place: QueryPlace, checks: Checks): void {
  if (query['having'] !== undefined) {
    refuse('`having` filters groups, and the query has none.', 'Use `filter`, or add `measures`.', ['having'], place);
  }
  const column = (form: Json, at: DocumentPath): void => {
    if (typeof form === 'string') checks.path(form, at);
    else checks.measure(form as JsonObject, at);
  };
  listIn(query, 'fields').forEach((form, index) => column(form, ['fields', index]));
  listIn(query, 'sort').forEach((key, index) => column(fieldOf(key), ['sort', index, 'field']));
}

function checkAggregate(query: JsonObject, place: QueryPlace, checks: Checks): void {
  if (query['fields'] !== undefined) {
    const fix = 'Put the fields to group by into `group_by`.';
    refuse('A query with measures gives groups, not records, so it has no `fields`.', fix, ['fields'], place);
  }
  const groups = listIn(query, 'group_by').map((form, index) => groupName(form, ['group_by', index], place, checks));
  const measures = listIn(query, 'measures').map((form, index) =>
    measureName(form as JsonObject, ['measures', index], place, checks),
  );
  const names = [...groups, ...(query['measures'] === undefined ? ['count'] : measures)];
  const named = (name: string, at: DocumentPath): void => {
    if (names.includes(name)) return;
    const fix = `Use one of: ${names.join(', ')}.`;
    refuse(`The answer has no group or measure \`${name}\`.`, fix, at, place, suggest(name, names));
  };
  listIn(query, 'sort').forEach((key, index) => {
    const field = fieldOf(key);
    named(typeof field === 'string' ? field : JSON.stringify(field), ['sort', index, 'field']);
  });
  if (query['having'] === undefined) return;
  const having = readFilter(query['having'] as object, [...place.path, 'having'], place.report);
  for (const { operand } of having === null ? [] : comparisons(having)) {
    named(operand.kind === 'path' ? operand.path : operand.relation, ['having']);
  }
}

const spans = ['year', 'quarter', 'month', 'week', 'day'] as const;

function groupName(form: Json, at: DocumentPath, place: QueryPlace, checks: Checks): string {
  if (typeof form === 'string') {
    checks.path(form, at);
    return form;
  }
  const group = form as JsonObject;
  const span = spans.find((each) => each in group);
  const path = span === undefined ? undefined : group[span];
  if (span === undefined || typeof path !== 'string') {
    const fix = `Write one of ${spans.join(', ')}: {"month": "close_date"}.`;
    refuse('A date bucket names a span and a field.', fix, at, place, suggest(Object.keys(group)[0] ?? '', spans));
    return '';
  }
  checks.path(path, [...at, span]);
  return typeof group['as'] === 'string' ? group['as'] : `${path.replaceAll('.', '_')}_${span}`;
}

function measureName(measure: JsonObject, at: DocumentPath, place: QueryPlace, checks: Checks): string {
  const op = measureOps.find((each) => each in measure);
  const further = ['where', 'in', 'on', 'as'];
  const extra = Object.keys(measure).find((key) => key !== op && !further.includes(key));
  if (op === undefined || extra !== undefined) {
    const words = [...measureOps, ...further];
    const fix = `A measure has one of ${measureOps.join(', ')}, and may have \`where\`, \`in\`, \`on\` and \`as\`.`;
    refuse('The measure cannot be read.', fix, at, place, suggest(extra ?? '', words));
    return '';
  }
  const of = measure[op];
  if (isJsonObject(of)) checks.measure(of, [...at, op]);
  else if (typeof of === 'string' && of !== '*') checks.path(of, [...at, op]);
  if (measure['where'] !== undefined) checks.filter(measure['where'], [...at, 'where']);
  if (typeof measure['on'] === 'string') checks.path(measure['on'], [...at, 'on']);
  const suffix = typeof of === 'string' && of !== '*' ? `_${of.replaceAll('.', '_')}` : '';
  return typeof measure['as'] === 'string' ? measure['as'] : `${op}${suffix}`;
}

const listIn = (query: JsonObject, key: string): readonly Json[] => (query[key] ?? []) as readonly Json[];
const fieldOf = (key: Json): Json => (key as JsonObject)['field'] ?? null;

function refuse(
  message: string,
  fix: string,
  at: DocumentPath,
  { path, report }: QueryPlace,
  suggestions: readonly string[] = [],
): void {
  report({ code: 'manifest_query_invalid', path: [...path, ...at], message, fix, suggestions });
}
