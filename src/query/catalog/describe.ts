import type { Caller, VisibleObject } from '../../access/index.ts';
import { GantryError, limits } from '../../kernel/index.ts';
import type { CatalogueField } from '../../mapping/index.ts';
import { createContext } from '../compile/create-context.ts';
import { resolveField, visibleObject } from '../compile/resolve.ts';
import { schemaVersion } from '../schema-version.ts';
import { tellingFields } from '../telling-fields.ts';
import type { DescribeAnswer, DescribeRequest, FieldDescription, ObjectDescription, QueryScope } from '../types.ts';

/** What the caller may know of up to five objects or fields. Raises `query_object_unknown`, `query_field_unknown`. */
export function describe(caller: Caller, scope: QueryScope, request: DescribeRequest, now: Date): DescribeAnswer {
  if (request.names.length > limits.describeNamesMax) {
    throw new GantryError('query_too_large', {
      message: `At most ${limits.describeNamesMax} names at a time.`,
      where: 'names',
    });
  }
  const context = createContext(caller, scope, { now, ruleNow: now });
  // Fields of one object asked for one by one make one description.
  const wanted = new Map<VisibleObject, Set<string> | null>();
  request.names.forEach((name, index) => {
    const where = `names[${index}]`;
    const { object, field } = splitName(caller, name);
    if (object === undefined) {
      visibleObject(context, name, where);
      throw new Error('an unknown object was not refused');
    }
    if (field === null) return wanted.set(object, null);
    resolveField({ context, reach: 'caller', object, path: field, where });
    const fields = wanted.get(object);
    if (fields !== null) wanted.set(object, new Set([...(fields ?? []), field]));
    return wanted;
  });
  const full = request.detail === 'full';
  return {
    objects: [...wanted].map(([object, fields]) => describeObject(caller, object, { fields, full })),
    schema_version: schemaVersion(scope),
  };
}

/** `deal`, `crm.Opportunity` (an object with a dot), `deal.stage`, `crm.Opportunity.StageName`. */
function splitName(caller: Caller, name: string): { object: VisibleObject | undefined; field: string | null } {
  const whole = caller.objects.get(name);
  if (whole !== undefined) return { object: whole, field: null };
  const dot = name.lastIndexOf('.');
  const object = dot < 0 ? undefined : caller.objects.get(name.slice(0, dot));
  return { object, field: object === undefined ? null : name.slice(dot + 1) };
}

function describeObject(
  caller: Caller,
  object: VisibleObject,
  { fields, full }: { readonly fields: ReadonlySet<string> | null; readonly full: boolean },
): ObjectDescription {
  const ranked = tellingFields(object).filter((field) => fields === null || fields.has(field.name));
  const shown = full || fields !== null ? ranked : ranked.slice(0, limits.describeFieldsMax);
  const hidden = object.fields.size - shown.length;
  const many =
    fields === null ? [...object.many.values()].filter((relation) => caller.objects.has(relation.object)) : [];
  return {
    name: object.name,
    kind: object.kind,
    title: object.title,
    ...(object.why === null ? {} : { why: object.why }),
    ...(object.label === null ? {} : { label: object.label }),
    fields: shown.map((field) => describeField(field, full || fields !== null)),
    ...(hidden === 0 ? {} : { fields_not_shown: hidden }),
    ...(many.length === 0 ? {} : { many: many.map(({ name, object: to, via }) => ({ name, object: to, via })) }),
    sources: object.sources.map((source) => ({
      system: source.provider,
      connection: source.connectionSlug,
      object: source.nativeObject,
      trust: source.trust,
    })),
    ...(object.rowFilter === null ? {} : { rows_limited: true }),
  };
}

function describeField(field: CatalogueField, full: boolean): FieldDescription {
  const values = field.values === null || full ? field.values : field.values.slice(0, limits.describeValuesMax);
  const more = (field.values?.length ?? 0) - (values?.length ?? 0);
  return {
    name: field.name,
    type: field.type,
    ...(full || !repeats(field.title, field.name) ? { title: field.title } : {}),
    ...(field.why === null ? {} : { why: field.why }),
    ...(values === null ? {} : { values }),
    ...(more === 0 ? {} : { values_not_shown: more }),
    ...(field.currency === null ? {} : { currency: field.currency }),
    ...(field.reference === null ? {} : { to: field.reference.to }),
    ...(field.untrusted ? { untrusted: true } : {}),
    ...(full && field.custom ? { custom: true } : {}),
    ...(field.deprecated === null ? {} : { deprecated: { use: field.deprecated.replacedBy } }),
    ...(field.column.toLowerCase() === field.name.toLowerCase() ? {} : { sql: field.column }),
  };
}

/** `Close date` tells nothing that `close_date` does not. */
const repeats = (title: string, name: string): boolean => bare(title) === bare(name);
const bare = (text: string): string => text.toLowerCase().replace(/[\s_-]/g, '');
