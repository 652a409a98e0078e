import type { VisibleObject } from '../../access/index.ts';
import { GantryError, limits, suggest } from '../../kernel/index.ts';
import type { CatalogueField, CatalogueMany, CatalogueObject } from '../../mapping/index.ts';
import { accessUnknown } from '../rights/withheld.ts';
import { objectIn, type CompileContext, type Reach } from './context.ts';

/** A visible object by name. Raises `query_object_unknown`, and `access_unknown` where nobody knows what of it is visible. */
export function visibleObject(context: CompileContext, name: string, where: string): VisibleObject {
  const object = context.caller.objects.get(name);
  if (object !== undefined) return object;
  const withheld = context.caller.withheld.get(name);
  if (withheld !== undefined) throw accessUnknown(name, withheld, where);
  const names = [...context.caller.objects.keys()];
  throw new GantryError('query_object_unknown', {
    message: `There is no object "${name}" for you.`,
    where,
    suggestions: suggest(name, names),
    ...(names.length <= limits.errorNamesMax ? { allowed: names } : {}),
  });
}

/** A dotted path taken apart: the to-one steps, then what it ends in. */
export interface ResolvedPath<End> {
  readonly steps: readonly { readonly field: CatalogueField; readonly target: CatalogueObject }[];
  readonly object: CatalogueObject;
  readonly end: End;
}

interface PathRequest {
  readonly context: CompileContext;
  readonly reach: Reach;
  readonly object: CatalogueObject;
  readonly path: string;
  /** Place in the request, for errors. */
  readonly where: string;
}

/** `account.owner.email`: to-one relations, then a field. Raises `query_field_unknown`, `query_shape_invalid`. */
export function resolveField(request: PathRequest): ResolvedPath<CatalogueField> {
  return walk(request, request.object, request.path.split('.'), (object, name) => {
    const field = object.fields.get(name);
    if (field !== undefined) {
      if (field.deprecated !== null && request.reach === 'caller') warnDeprecated(request.context, object, field);
      return field;
    }
    if (object.many.has(name)) throw toMany(request, name);
    throw fieldUnknown(request, object, name, [...object.fields.keys()]);
  });
}

/** `account.tickets`: to-one relations, then a to-many relation. */
export function resolveMany(request: PathRequest): ResolvedPath<CatalogueMany> {
  return walk(request, request.object, request.path.split('.'), (object, name) => {
    const relation = object.many.get(name);
    if (relation !== undefined) return relation;
    throw fieldUnknown(request, object, name, [...object.many.keys()], 'to-many relation');
  });
}

function walk<End>(
  request: PathRequest,
  start: CatalogueObject,
  names: readonly string[],
  endOf: (object: CatalogueObject, name: string) => End,
): ResolvedPath<End> {
  const steps: { field: CatalogueField; target: CatalogueObject }[] = [];
  let object = start;
  for (const name of names.slice(0, -1)) {
    const field = object.fields.get(name);
    if (field === undefined && object.many.has(name)) throw toMany(request, name);
    if (field === undefined) throw fieldUnknown(request, object, name, referencesOf(object));
    const target = field.reference === null ? undefined : objectIn(request.context, request.reach, field.reference.to);
    if (target === undefined) {
      throw new GantryError('query_field_unknown', {
        message: `"${name}" of ${object.name} leads to no other object, so nothing can follow it in "${request.path}".`,
        where: request.where,
        suggestions: suggest(name, referencesOf(object)),
      });
    }
    steps.push({ field, target });
    object = target;
  }
  return { steps, object, end: endOf(object, names.at(-1) ?? '') };
}

const referencesOf = (object: CatalogueObject): string[] =>
  [...object.fields.values()].filter((field) => field.reference !== null).map((field) => field.name);

function fieldUnknown(
  request: PathRequest,
  object: CatalogueObject,
  name: string,
  names: readonly string[],
  what = 'field',
): GantryError {
  return new GantryError('query_field_unknown', {
    message: `${object.name} has no ${what} "${name}".`,
    where: request.where,
    suggestions: suggest(name, names),
    ...(names.length <= limits.errorNamesMax ? { allowed: names } : {}),
  });
}

function toMany(request: PathRequest, name: string): GantryError {
  return new GantryError('query_shape_invalid', {
    message: `"${name}" in "${request.path}" is a to-many relation: it has many values, not one.`,
    where: request.where,
    fix: `Measure it: {"count": "${name}"} or {"max": "${name}.<field>", "where": {...}}; or query that object itself.`,
  });
}

function warnDeprecated(context: CompileContext, object: CatalogueObject, field: CatalogueField): void {
  const use = field.deprecated?.replacedBy ?? null;
  context.warnings.add(`${object.name}.${field.name} is deprecated${use === null ? '' : `; use ${use}`}.`);
}
