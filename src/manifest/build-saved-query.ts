import { suggest, type Json, type JsonObject } from '../kernel/index.ts';
import { humanise } from './build-model.ts';
import { checkQuery } from './check-query.ts';
import type { DocumentPath, Reporter, YamlDocument } from './document.ts';
import { checkEnumValues } from './enum-values.ts';
import { fillParams, paramsIn, type ParamPlace } from './query-params.ts';
import type { Scope } from './scope.ts';
import type { RawParam, RawSavedQuery } from './shapes/policy-shape.ts';
import type { SavedQuery, SavedQueryParam, Scalar } from './types.ts';

export interface SavedQueryPlace {
  /** Of the query's block. */
  readonly path: DocumentPath;
  readonly document: YamlDocument;
  readonly isBroken: (path: DocumentPath) => boolean;
  readonly report: Reporter;
  readonly scope: Scope;
}

/** A saved query, checked as far as can be without a tenant: its parameters, its form, the names of models and fields. */
export function buildSavedQuery(name: string, raw: RawSavedQuery, place: SavedQueryPlace): SavedQuery {
  const { path, document, isBroken } = place;
  const params = new Map<string, SavedQueryParam>();
  for (const [key, form] of Object.entries(raw.params ?? {})) {
    checkParam(form, [...path, 'params', key], place);
    params.set(key, {
      name: key,
      type: form.type,
      values: form.values ?? null,
      default: form.default ?? null,
      why: form.why ?? null,
    });
  }
  const query = raw.query as JsonObject;
  const partly = Object.keys(queryOf(document.value, path)).some((key) => isBroken([...path, 'query', key]));
  const areParamsBroken = isBroken([...path, 'params']);
  const fit = areParamsBroken ? true : checkPlaces(query, params, partly, place);
  // What follows would only be told of what is not there.
  if (fit && !partly && !areParamsBroken) checkFilled(query, params, place);
  return { name, title: raw.title ?? humanise(name), why: raw.why, params, query, at: document.mark(path, 'key') };
}

function queryOf(document: unknown, path: DocumentPath): object {
  let at: unknown = document;
  for (const part of [...path, 'query']) at = (at as { readonly [key: string | number]: unknown } | undefined)?.[part];
  return typeof at === 'object' && at !== null ? at : {};
}

function checkParam(form: RawParam, path: DocumentPath, { isBroken, report }: SavedQueryPlace): void {
  checkEnumValues(form, 'parameter', { path, report, isBroken });
  if (form.default === undefined || fitsParam(form, form.default)) return;
  const values = form.values ?? [];
  report({
    code: 'manifest_value_invalid',
    path: [...path, 'default'],
    message: `\`${String(form.default)}\` is no value of this parameter.`,
    fix: values.length > 0 ? `Use one of: ${values.join(', ')}.` : `Write a value of type ${form.type}.`,
    suggestions: suggest(String(form.default), values),
  });
}

function fitsParam({ type, values }: RawParam, value: Scalar): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
      return Number.isSafeInteger(value);
    case 'number':
      return typeof value === 'number';
    case 'date':
      return /^\d{4}-\d{2}-\d{2}$/.test(String(value));
    case 'datetime':
      return /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z)?$/.test(String(value));
    case 'enum':
      return values === undefined || values.includes(String(value));
  }
}

/** Every parameter that is used is declared and stands where a value may stand; every declared one is used. */
function checkPlaces(
  query: JsonObject,
  params: ReadonlyMap<string, SavedQueryParam>,
  partly: boolean,
  { path, report }: SavedQueryPlace,
): boolean {
  const used = paramsIn(query);
  let fit = true;
  const refuse = (at: DocumentPath, message: string, fix: string, suggestions: readonly string[] = []): void => {
    fit = false;
    report({ code: 'manifest_query_invalid', path: at, message, fix, suggestions });
  };
  for (const place of used) {
    const at = [...path, 'query', ...place.path];
    const param = params.get(place.param);
    if (param === undefined) {
      const near = suggest(place.param, params.keys());
      refuse(at, `There is no parameter \`${place.param}\`.`, 'Declare it under `params`, or correct the name.', near);
      continue;
    }
    const wanted = typesAt(place);
    if (wanted === null) {
      refuse(
        at,
        `\`${place.param}\` stands where no value may stand.`,
        'Parameters stand for values: in filters after an operator, and as `text`, `limit` or `changed_since`.',
      );
    } else if (!wanted.includes(param.type)) {
      refuse(
        at,
        `\`${place.param}\` is of type ${param.type}, which cannot stand here.`,
        `Use a parameter of type ${wanted.join(', ')}.`,
      );
    }
  }
  for (const param of params.keys()) {
    if (partly || used.some((place) => place.param === param)) continue;
    refuse(
      [...path, 'params', param],
      `The query does not use \`${param}\`.`,
      `Use {"param": "${param}"}, or remove it.`,
    );
  }
  return fit;
}

const anyType = ['string', 'boolean', 'integer', 'number', 'date', 'datetime', 'enum'] as const;
const typesOfKeys: Readonly<Record<string, readonly SavedQueryParam['type'][]>> = {
  text: ['string', 'enum'],
  limit: ['integer'],
  changed_since: ['string', 'date', 'datetime'],
};

/** Types of parameters that may stand at a place of a query; null where none may. */
function typesAt({ path }: ParamPlace): readonly SavedQueryParam['type'][] | null {
  const [key = '', ...below] = path;
  if (below.length === 0) return typesOfKeys[key] ?? null;
  const last = path.at(-1);
  const inFilter = key === 'filter' || key === 'having' || below.includes('where');
  const isNode = last === 'where' || last === 'not' || (typeof last === 'number' && isList(path.at(-2)));
  return inFilter && !isNode && last !== 'op' && last !== 'field' ? anyType : null;
}

const isList = (key: string | number | undefined): boolean => key === 'and' || key === 'or';

/** The query with samples in place of its parameters: once for each value that an enum parameter may have. */
function checkFilled(query: JsonObject, params: ReadonlyMap<string, SavedQueryParam>, place: SavedQueryPlace): void {
  const said = new Set<string>();
  const report: Reporter = (problem) => {
    const key = JSON.stringify([problem.path, problem.message]);
    if (!said.has(key)) place.report(problem);
    said.add(key);
  };
  const rounds = Math.max(1, ...[...params.values()].map((param) => param.values?.length ?? 1));
  const samples = new Set([...params.values()].map((param) => sampleOf(param, 0)).filter((each) => isFreeText(each)));
  for (let round = 0; round < rounds; round += 1) {
    const filled = fillParams(query, (name): Json => {
      const param = params.get(name);
      return param === undefined ? null : sampleOf(param, round);
    });
    checkQuery(filled as JsonObject, { ...place, path: [...place.path, 'query'], report, samples });
  }
}

const freeText = '\u0001';
const isFreeText = (sample: Scalar): sample is string => typeof sample === 'string' && sample.startsWith(freeText);

/** Any value of the parameter. Free text is marked: it is not judged against the values of an enum field. */
function sampleOf({ type, values, default: given }: SavedQueryParam, round: number): Scalar {
  switch (type) {
    case 'string':
      return given ?? `${freeText}text`;
    case 'boolean':
      return true;
    case 'integer':
    case 'number':
      return 1;
    case 'date':
      return '2026-01-01';
    case 'datetime':
      return '2026-01-01T00:00:00Z';
    case 'enum':
      return values?.[round % values.length] ?? `${freeText}text`;
  }
}
