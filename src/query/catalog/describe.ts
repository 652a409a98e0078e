import type { Caller, VisibleObject } from '../../access/index.ts';
import { GantryError, limits } from '../../kernel/index.ts';
import { isShowable, type CatalogueField, type CatalogueObject, type CatalogueSource } from '../../mapping/index.ts';
import { createContext } from '../compile/create-context.ts';
import { resolveField, visibleObject } from '../compile/resolve.ts';
import { schemaVersion } from '../schema-version.ts';
import { tellingFields } from '../telling-fields.ts';
import type { DescribeAnswer, DescribeRequest, FieldDescription, ObjectDescription, QueryScope } from '../types.ts';
import { bytesOf } from './bytes-of.ts';
import { describeAccess } from './access.ts';
import { describeRules } from './rules.ts';
import { describeWrites } from './writes.ts';

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
  const room = { bytes: limits.describeBytesMax };
  return {
    objects: [...wanted].map(([object, fields]) =>
      describeObject(caller, object, { scope, whole: scope.objects.get(object.name), fields, full, room }),
    ),
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

interface Detail {
  readonly scope: QueryScope;
  /** The object with what the caller may not see. */
  readonly whole: CatalogueObject | undefined;
  /** Null for all of them. */
  readonly fields: ReadonlySet<string> | null;
  readonly full: boolean;
  /** What is left for the whole answer; taken from as it is used. */
  readonly room: { bytes: number };
}

function describeObject(caller: Caller, object: VisibleObject, detail: Detail): ObjectDescription {
  const { scope, whole, fields, full, room } = detail;
  const ranked = tellingFields(object).filter((field) => fields === null || fields.has(field.name));
  const wanted = full || fields !== null ? ranked : ranked.slice(0, limits.describeFieldsMax);
  const many =
    fields === null ? [...object.many.values()].filter((relation) => caller.objects.has(relation.object)) : [];
  const about = {
    name: object.name,
    kind: object.kind,
    title: object.title,
    ...(object.why === null ? {} : { why: object.why }),
    ...(object.label === null ? {} : { label: object.label }),
  };
  const rest = {
    ...(many.length === 0 ? {} : { many: many.map(({ name, object: to, via }) => ({ name, object: to, via })) }),
    sources: object.sources.map((source) => ({
      system: source.provider,
      connection: source.connectionSlug,
      object: source.nativeObject,
      trust: source.trust,
      ...decidedBy(object, source),
    })),
    ...mergedBy(object),
    ...(object.rowFilter === null && object.restricted?.limited !== true ? {} : { rows_limited: true as const }),
    ...describeAccess(caller, object),
    ...(fields === null ? describeWrites(caller, scope, object) : {}),
  };
  // Rules and record types get at most half of the room.
  const configured = describeRules(object, whole, { fields, full, bytes: room.bytes / 2 });
  room.bytes -= bytesOf(about) + bytesOf(rest) + bytesOf(configured);
  const shown = fitting(
    wanted.map((field) => describeField(object, field, { full, titled: full || fields !== null })),
    room,
  );
  const hidden = object.fields.size - shown.length;
  return { ...about, fields: shown, ...(hidden === 0 ? {} : { fields_not_shown: hidden }), ...rest, ...configured };
}

function decidedBy(object: VisibleObject, { decides }: CatalogueSource): { decides?: 'all' | readonly string[] } {
  if (decides === undefined || decides === 'all') return decides === undefined ? {} : { decides };
  const visible = decides.filter((name) => object.fields.has(name));
  return visible.length === 0 ? {} : { decides: visible };
}

function mergedBy({ merge, fields }: VisibleObject): { merged_by?: readonly string[] } {
  return merge === undefined ? {} : { merged_by: merge.by.filter((name) => fields.has(name)) };
}

/** The first fields that there is room for; where the values of one do not fit, as many of them as do. */
function fitting(fields: readonly FieldDescription[], room: Detail['room']): FieldDescription[] {
  const shown: FieldDescription[] = [];
  for (const field of fields) {
    const fits = withinRoom(field, room.bytes);
    if (fits === null) break;
    room.bytes -= bytesOf(fits);
    shown.push(fits);
  }
  return shown;
}

function withinRoom(field: FieldDescription, bytes: number): FieldDescription | null {
  if (bytesOf(field) <= bytes) return field;
  const { values = [], values_not_shown = 0, ...bare } = field;
  const empty = { ...bare, values: [], values_not_shown: values_not_shown + values.length };
  let left = bytes - bytesOf(empty);
  if (values.length === 0 || left < 0) return null;
  const over = values.findIndex((value) => (left -= bytesOf(value)) < 0);
  return { ...empty, values: values.slice(0, over), values_not_shown: values_not_shown + values.length - over };
}

function describeField(
  object: VisibleObject,
  field: CatalogueField,
  { full, titled }: { readonly full: boolean; readonly titled: boolean },
): FieldDescription {
  const showable = field.values?.filter(isShowable) ?? null;
  const values = full ? showable : (showable?.slice(0, limits.describeValuesMax) ?? null);
  const more = (field.values?.length ?? 0) - (values?.length ?? 0);
  return {
    name: field.name,
    type: field.type,
    ...(titled || !repeats(field.title, field.name) ? { title: field.title } : {}),
    ...(field.why === null ? {} : { why: field.why }),
    ...(values === null ? {} : { values }),
    ...(more === 0 ? {} : { values_not_shown: more }),
    ...(field.currency === null ? {} : { currency: field.currency }),
    ...(field.currencyField !== null && object.fields.has(field.currencyField)
      ? { currency_field: field.currencyField }
      : {}),
    ...(field.required === true ? { required: true } : {}),
    ...(field.reference === null ? {} : { to: field.reference.to }),
    ...(field.untrusted ? { untrusted: true } : {}),
    ...(titled && field.custom ? { custom: true } : {}),
    ...(field.deprecated === null ? {} : { deprecated: { use: field.deprecated.replacedBy } }),
    ...(field.column.toLowerCase() === field.name.toLowerCase() ? {} : { sql: field.column }),
  };
}

/** `Close date` tells nothing that `close_date` does not. */
const repeats = (title: string, name: string): boolean => bare(title) === bare(name);
const bare = (text: string): string => text.toLowerCase().replace(/[\s_-]/g, '');
