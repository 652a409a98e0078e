import { GantryError, isJsonObject, type Json, type JsonObject } from '../../kernel/index.ts';
import type { NativeField, RecordType } from '../../schema/index.ts';
import { textAt } from '../kit/answer-values.ts';
import type { SessionContext } from '../kit/declared-connector.ts';
import { ownValue, readPath } from '../kit/value-path.ts';

/**
 * The record types of an object with the picklist values that each allows:
 * types from its describe answer, values from one call per active type (User
 * Interface API, "Get Values for All Picklist Fields of a Record Type"). The
 * describe of layouts has them, too, but with every layout of the object
 * around them. Undefined where there is only the master type, which everything
 * belongs to.
 */
export async function readRecordTypes(
  context: SessionContext,
  object: { readonly name: string; readonly describe: Json; readonly fields: readonly NativeField[] },
): Promise<readonly RecordType[] | undefined> {
  const infos = readPath(object.describe, 'recordTypeInfos');
  if (!Array.isArray(infos)) return undefined;
  const types: RecordType[] = [];
  for (const info of (infos as readonly Json[]).filter(isJsonObject)) {
    const id = textAt(info, 'recordTypeId');
    if (info['master'] === true || id === null) continue;
    const active = info['active'] !== false;
    const name = textAt(info, 'developerName') ?? id;
    types.push({
      id,
      name,
      label: textAt(info, 'name') ?? name,
      active,
      default: info['defaultRecordTypeMapping'] === true,
      values: active ? await narrowerValues(context, object, id) : {},
    });
  }
  return types.length === 0 ? undefined : types;
}

/** Objects that the User Interface API does not know, or users who may not ask it: types without values. */
const NOT_TOLD = new Set(['upstream_forbidden', 'upstream_object_missing', 'upstream_refused']);

async function narrowerValues(
  { declaration, http }: SessionContext,
  { name, fields }: { readonly name: string; readonly fields: readonly NativeField[] },
  recordType: string,
): Promise<RecordType['values']> {
  // Ids of the org's own; checked because they go into a path.
  if (!/^\w+$/.test(recordType)) return {};
  const path = `/services/data/${declaration.api_version}/ui-api/object-info/${name}/picklist-values/${recordType}`;
  try {
    const { body } = await http({ path });
    const byField = readPath(body, 'picklistFieldValues');
    if (!isJsonObject(byField)) return {};
    return Object.fromEntries(
      fields.flatMap((field) => {
        const allowed = allowedValues(byField, field);
        return allowed === null ? [] : [[field.name, allowed]];
      }),
    );
  } catch (error) {
    if (error instanceof GantryError && NOT_TOLD.has(error.code)) return {};
    throw error;
  }
}

/** Null where the type allows all that the field does. */
function allowedValues(byField: JsonObject, field: NativeField): string[] | null {
  const entry = ownValue(byField, field.name);
  const list = entry === undefined ? undefined : readPath(entry, 'values');
  if (!Array.isArray(list)) return null;
  const allowed = new Set((list as readonly Json[]).flatMap((value) => textAt(value, 'value') ?? []));
  const own = (field.values ?? []).filter(({ active }) => active);
  return own.every(({ value }) => allowed.has(value)) ? null : [...allowed];
}
