import { GantryError, limits, type Json, type JsonObject } from '../../kernel/index.ts';
import type { EnumValue, NativeField, NativeObject } from '../../schema/index.ts';
import { booleanAt, listAt, textAt } from './answer-values.ts';
import { declaredType, type CustomFields, type Declaration, type DeclaredObject } from './declaration.ts';
import type { SessionContext } from './declared-connector.ts';
import { fillTemplate, readPath } from './value-path.ts';

/** The provider's own fields from the declaration, the customer's from the provider. */
export async function describeDeclared(
  context: SessionContext,
  name: string,
  object: DeclaredObject,
): Promise<NativeObject> {
  const own = Object.entries(object.fields).map(([field, declared]) => ownField(object, field, declared));
  const custom = object.custom_fields === undefined ? [] : await discoverFields(context, object.custom_fields);
  return {
    name,
    label: object.label,
    custom: false,
    idField: object.id,
    linkTemplate: object.link === null ? null : `${context.access.apiUrl}${object.link}`,
    fields: [...own, ...custom],
  };
}

function ownField(object: DeclaredObject, name: string, declared: DeclaredObject['fields'][string]): NativeField {
  const facts = typeof declared === 'string' ? { type: declared } : declared;
  return {
    name,
    label: facts.label ?? labelFrom(name),
    type: facts.type,
    nativeType: facts.type,
    nullable: facts.nullable ?? name !== object.id,
    custom: false,
    writable: facts.writable ?? false,
    ...(facts.values === undefined
      ? {}
      : { values: facts.values.map((value) => ({ value, label: labelFrom(value), active: true })) }),
    ...(facts.references === undefined ? {} : { references: facts.references }),
    ...(facts.unique === undefined ? {} : { unique: facts.unique }),
  };
}

/** `due_at` as `Due at`. */
function labelFrom(name: string): string {
  const words = name.replaceAll('_', ' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

async function discoverFields(context: SessionContext, plan: CustomFields): Promise<NativeField[]> {
  const fields: NativeField[] = [];
  let next: string | null = null;
  let pages = 0;
  do {
    pages += 1;
    if (pages > limits.fieldListPagesMax) throw endless(plan.path);
    const query: Record<string, string> = next === null ? plan.query : { ...plan.query, [plan.paging.param]: next };
    const { body } = await context.http({ path: plan.path, query });
    for (const entry of listAt(body, plan.records, `GET ${plan.path}`)) {
      const field = customField(context.declaration, plan, entry);
      if (field !== null) fields.push(field);
    }
    // An answer without paging facts is the whole list.
    const more = readPath(body, plan.paging.more) !== undefined && booleanAt(body, plan.paging.more, plan.path);
    next = more ? textAt(body, plan.paging.next) : null;
  } while (next !== null);
  return fields;
}

function endless(path: string): GantryError {
  return new GantryError('upstream_malformed', {
    message: `The list of fields does not end within ${String(limits.fieldListPagesMax)} answers.`,
    where: `GET ${path}`,
    data: { class: 'malformed_response' },
  });
}

function customField(declaration: Declaration, plan: CustomFields, entry: JsonObject): NativeField | null {
  const nativeType = textAt(entry, plan.type) ?? 'unknown';
  const type = declaredType(declaration, nativeType);
  const key = textAt(entry, plan.values.field_key);
  if (type === 'exclude' || key === null) return null;
  const name = fillTemplate(plan.name, { key });
  const help = plan.help === undefined ? null : textAt(entry, plan.help);
  const values = type === 'enum' || type === 'multi_enum' ? optionsOf(plan, entry) : [];
  return {
    name,
    label: textAt(entry, plan.label) ?? name,
    type,
    nativeType,
    nullable: true,
    custom: true,
    writable: true,
    ...(values.length === 0 ? {} : { values }),
    ...(help === null || help === '' ? {} : { help }),
  };
}

function optionsOf(plan: CustomFields, entry: JsonObject): EnumValue[] {
  const options = readPath(entry, plan.options.at);
  if (!Array.isArray(options)) return [];
  return (options as readonly Json[]).flatMap((option) => {
    const value = textAt(option, plan.options.value);
    return value === null ? [] : [{ value, label: textAt(option, plan.options.label) ?? value, active: true }];
  });
}
