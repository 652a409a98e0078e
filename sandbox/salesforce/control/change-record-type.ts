import { ControlError } from '../../kit/index.ts';
import type { Org } from '../org.ts';
import type { Value } from '../schema/field.ts';
import type { RecordTypeDef } from '../schema/record-type.ts';

/**
 * What an admin does to a record type in Setup: `{object, developerName,
 * label?, active?, picklists?: {field: [value, ...] or null}}`; null offers
 * all values again. Returns the record type.
 */
export function changeRecordType(org: Org, input: Readonly<Record<string, unknown>>): unknown {
  const { object: objectName, developerName, label, active, picklists } = input;
  const object = typeof objectName === 'string' ? org.schema.object(objectName) : undefined;
  const types = object?.recordTypes ?? [];
  const before = types.find((type) => type.developerName === developerName);
  if (object === undefined || before === undefined)
    throw new ControlError(`no record type ${String(developerName)} of ${String(objectName)}`);
  const after: RecordTypeDef = {
    ...before,
    ...(typeof label === 'string' ? { label } : {}),
    ...(typeof active === 'boolean' ? { active } : {}),
    ...(picklists === undefined ? {} : { picklists: changedPicklists(org, before, picklists) }),
  };
  org.schema.change(object.name, { recordTypes: types.map((type) => (type === before ? after : type)) });
  const table = org.table('RecordType');
  const row = table.rowOf(after.id);
  const values = new Map<string, Value>([
    ['Name', after.label],
    ['IsActive', after.active],
  ]);
  if (row !== null) table.update(row, values, { nowMs: org.clock.now().getTime(), userId: org.users[0]?.id ?? '' });
  return after;
}

function changedPicklists(org: Org, type: RecordTypeDef, input: unknown): RecordTypeDef['picklists'] {
  if (typeof input !== 'object' || input === null) throw new ControlError('picklists must be {field: [value, ...]}');
  const picklists = { ...type.picklists };
  for (const [name, values] of Object.entries(input)) {
    const field = org.schema.field(type.object, name);
    if (field === undefined || field.type !== 'picklist')
      throw new ControlError(`no picklist ${name} on ${type.object}`);
    if (values === null) delete picklists[field.storage];
    else if (Array.isArray(values) && values.every((value) => field.picklist.includes(String(value))))
      picklists[field.storage] = values.map(String);
    else throw new ControlError(`${name} of a record type must be some of ${field.picklist.join(', ')}`);
  }
  return picklists;
}
