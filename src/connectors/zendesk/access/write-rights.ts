import { isJsonObject, limits, type Json, type JsonObject } from '../../../kernel/index.ts';
import { textAt } from '../../kit/answer-values.ts';
import { MAY, MAY_NOT, mayBut } from '../../write-rights.ts';
import type { WriteRight, WriteRightsQuestion, WriteWish } from '../../write-rights.ts';
import type { NativeRecord } from '../../contract.ts';

/** What is known of the user who would write. */
export interface ZendeskWriter {
  readonly id: string;
  readonly role: 'admin' | 'agent' | 'end-user';
  /** Configuration of its custom role; null: it has none; `unknown`: it has one that nobody knows. */
  readonly custom: JsonObject | 'unknown' | null;
  /** `ticket_restriction` of an agent without a custom role. */
  readonly restriction: string | null;
  readonly organizations: ReadonlySet<string>;
}

/** What the rules look at beside the user and the write. */
export interface WrittenRecords {
  /** Those of the question that the user is shown. */
  readonly shown: ReadonlySet<string>;
  /** Records of users. */
  readonly users: ReadonlyMap<string, NativeRecord>;
}

/**
 * "Allowed for" of each call of the reference (Tickets, Users, Organizations),
 * and what custom roles say (https://developer.zendesk.com/api-reference/ticketing/account-configuration/custom_roles/,
 * `configuration`; help, "Creating custom roles and assigning agents"). What the
 * documents leave open is not allowed. Pure.
 */
export function zendeskRight(
  writer: ZendeskWriter,
  { object, operation }: Pick<WriteRightsQuestion, 'object' | 'operation'>,
  wish: WriteWish,
  records: WrittenRecords,
): WriteRight {
  if (wish.recordId !== null && !records.shown.has(wish.recordId)) return MAY_NOT;
  if (writer.role === 'admin') return MAY;
  if (writer.role === 'end-user' || writer.custom === 'unknown') return MAY_NOT;
  const role = writer.custom;
  if (role !== null && flag(role, 'light_agent') === true) return MAY_NOT;
  switch (object.name) {
    case 'tickets':
      return ticketRight(role, operation, wish);
    case 'users':
      return userRight(writer, role, operation, wish, records);
    case 'organizations':
      return organizationRight(writer, role, operation, wish);
    default:
      return MAY_NOT;
  }
}

function ticketRight(role: JsonObject | null, operation: WriteRightsQuestion['operation'], { values }: WriteWish) {
  switch (operation) {
    case 'create':
      return MAY;
    case 'update':
      if (role === null) return MAY;
      if (flag(role, 'ticket_editing') !== true) return MAY_NOT;
      return mayBut(flag(role, 'ticket_tag_editing') === false && 'tags' in values ? ['tags'] : []);
    case 'delete':
      // Without a custom role a setting of the account decides, which is off unless somebody turned it on.
      return role !== null && flag(role, 'ticket_deletion') === true ? MAY : MAY_NOT;
  }
}

/** Customers only; colleagues and roles are for administrators. Of itself an agent changes everything but its role. */
function userRight(
  writer: ZendeskWriter,
  role: JsonObject | null,
  operation: WriteRightsQuestion['operation'],
  { recordId, values }: WriteWish,
  { users }: WrittenRecords,
): WriteRight {
  const before = recordId === null ? null : (users.get(recordId) ?? null);
  const given = values['role'];
  const stays = given === undefined || given === (before === null ? 'end-user' : textAt(before.values, 'role'));
  if (!stays) return mayBut(['role']);
  if (operation === 'update' && recordId === writer.id) return MAY;
  if (before !== null && textAt(before.values, 'role') !== 'end-user') return MAY_NOT;
  const profiles = role === null ? 'edit' : textAt(role, 'end_user_profile_access');
  if (operation === 'delete') return profiles === 'full' ? MAY : MAY_NOT;
  if (profiles === 'full' || profiles === 'edit') return MAY;
  if (profiles !== 'edit-within-org') return MAY_NOT;
  // Into another organization nobody moves anybody out of its own.
  const after = 'organization_id' in values ? idText(values['organization_id']) : null;
  const isInside = (id: string | null): boolean => id !== null && writer.organizations.has(id);
  if (before === null) return isInside(after) ? MAY : MAY_NOT;
  if (!isInside(textAt(before.values, 'organization_id'))) return MAY_NOT;
  return mayBut('organization_id' in values && !isInside(after) ? ['organization_id'] : []);
}

function organizationRight(
  writer: ZendeskWriter,
  role: JsonObject | null,
  operation: WriteRightsQuestion['operation'],
  { values }: WriteWish,
): WriteRight {
  if (operation === 'delete') return MAY_NOT;
  if (role !== null && flag(role, 'organization_editing') === true) return MAY;
  const notes = role === null ? writer.restriction === null : flag(role, 'organization_notes_editing') === true;
  if (operation === 'create' || !notes) return MAY_NOT;
  return mayBut(Object.keys(values).filter((field) => field !== 'notes'));
}

const flag = (role: JsonObject, name: string): boolean | null => {
  const value = role[name];
  return typeof value === 'boolean' ? value : null;
};

const idText = (value: Json | undefined): string | null =>
  typeof value === 'number' || typeof value === 'string' ? String(value) : null;

/** Configuration by id, as the custom roles say it; of a user without one null. */
export function customRoleOf(
  user: JsonObject,
  roles: ReadonlyMap<string, JsonObject>,
): Pick<ZendeskWriter, 'custom'>['custom'] {
  const id = textAt(user, 'custom_role_id');
  if (id === null) return null;
  const found = roles.get(id);
  return found !== undefined && isJsonObject(found) ? found : 'unknown';
}

/** Ids in questions that a provider's limit on single records allows. */
export function inParts(ids: readonly string[]): readonly (readonly string[])[] {
  const parts: (readonly string[])[] = [];
  for (let at = 0; at < ids.length; at += limits.visibleIdsMax) parts.push(ids.slice(at, at + limits.visibleIdsMax));
  return parts;
}
