import { parseSalesforceId } from '../../world/index.ts';
import type { FieldDef } from '../schema/field.ts';
import type { Writer } from './fields.ts';
import { deletedRecord, noSuchRecord, ofField, saveError, type SaveError } from './save-error.ts';

/** Why a look-up field cannot point at a record; null: it can. */
export function referenceError({ seen, user }: Writer, field: FieldDef, id: string): SaveError | null {
  const malformed = `id value of incorrect type: ${id}`;
  if (!/^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/.test(id)) return ofField('MALFORMED_ID', field, malformed);
  const queue = field.referenceTo.includes('Group') && id.startsWith('00G');
  if (queue || (field.referenceTo.includes('User') && id.startsWith('005')))
    return ownerError({ seen, user }, id, queue);
  const place = seen.locate(field, id);
  if (place === null) {
    const object = seen.schema.byPrefix(id.slice(0, 3));
    const fits = object !== undefined && field.referenceTo.includes(object.name);
    if (!fits) return ofField('FIELD_INTEGRITY_EXCEPTION', field, malformed);
    return parseSalesforceId(id) === null ? ofField('MALFORMED_ID', field, malformed) : noSuchRecord();
  }
  if (!field.referenceTo.includes(place.object.name)) return ofField('FIELD_INTEGRITY_EXCEPTION', field, malformed);
  const table = seen.table(place.object.name);
  if (table.isDeleted(place.row)) return deletedRecord();
  if (seen.visible?.(place.object.name)?.(place.row) === false)
    return saveError(
      'INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY',
      `insufficient access rights on cross-reference id: ${id}`,
    );
  return null;
}

/** Records belong to active users, some also to queues. */
function ownerError({ seen }: Pick<Writer, 'seen' | 'user'>, id: string, queue: boolean): SaveError | null {
  if (queue) {
    const known = seen.sharing.state.groups.some(
      (group) => group.type === 'Queue' && group.id.startsWith(id.slice(0, 15)),
    );
    return known ? null : noSuchRecord();
  }
  const owner = seen.users.find((one) => one.id.startsWith(id.slice(0, 15)));
  if (owner === undefined) return noSuchRecord();
  return owner.active ? null : saveError('INACTIVE_OWNER_OR_USER', 'operation performed with inactive user', []);
}
