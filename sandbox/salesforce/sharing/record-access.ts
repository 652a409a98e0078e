import type { SandboxUser } from '../../kit/index.ts';
import { salesforceId } from '../../world/index.ts';
import type { LiveRow } from '../rows/live-table.ts';
import type { ObjectDef } from '../schema/object.ts';
import type { AccessQuestion } from './access-question.ts';
import { CHILDREN_OF_ACCOUNT, isActivity, masterField } from './objects.ts';
import { has, type Visibility, type VisibilityParts } from './visibility.ts';

export interface RecordAccessParts extends VisibilityParts {
  readonly visibility: Visibility;
}

/**
 * Rows of UserRecordAccess. Restriction rules do not count here, and records
 * that the asking user cannot read are left out.
 */
export function recordAccess(
  parts: RecordAccessParts,
  asking: SandboxUser,
  { userId, recordIds }: AccessQuestion,
): readonly LiveRow[] {
  const { state, schema, records, visibility } = parts;
  const user = state.users.find((one) => one.id.slice(0, 15) === userId.slice(0, 15));
  const levels = recordIds.flatMap((id): readonly (readonly [string, Level])[] => {
    const place = records.locate(id);
    const object = place === null ? undefined : schema.object(place.object);
    if (place === null || object === undefined || user === undefined) return [];
    if (!has(visibility.shown(asking, place.object), place.row)) return [];
    return [[records.id(place.object, place.row), levelOf(parts, user, object, place.row)]];
  });
  return accessRows(user?.id ?? '', levels);
}

/** The most that a user may do with a record, whatever the rights to its object. */
export function levelOf(parts: RecordAccessParts, user: SandboxUser, object: ObjectDef, row: number): Level {
  const { state, records, reach, rights, shares, visibility, model } = parts;
  if (!has(visibility.shown(user, object.name), row)) return 'None';
  if (rights.modifiesAllData(user) || rights.objectRight(user, object) === 'modifyAll') return 'All';
  const reached = reach().of(user.id, !state.withoutHierarchy.has(object.name));
  if (reached.has(records.owner(object.name, row) ?? '')) return 'All';
  if (model(object.name) === 'ControlledByParent') {
    const levels = parentsOf(parts, object, row).map((above) => levelOf(parts, user, above.object, above.row));
    const best = LEVELS.findLast((level) => levels.includes(level)) ?? 'None';
    // Who may edit the master may do all with its details; what "View All" of the object shows is read at least.
    if (masterField(object) !== undefined && best === 'Edit') return 'All';
    return best === 'None' ? 'Read' : best;
  }
  const rows = shares.rows(object.name).of(row);
  const edits = rows.some((one) => reached.has(one.to) && one.access !== 'Read');
  return edits || editsByAccount(parts, user, object, row) || model(object.name) === 'ReadWrite' ? 'Edit' : 'Read';
}

/** Fields that lead to the records that decide about a detail, a contact of an account, or an activity. */
export function parentFields(object: ObjectDef): readonly string[] {
  if (isActivity(object.name)) return ['WhatId', 'WhoId'];
  return [masterField(object)?.storage ?? 'AccountId'];
}

function parentsOf(
  { records, schema }: RecordAccessParts,
  object: ObjectDef,
  row: number,
): readonly { readonly object: ObjectDef; readonly row: number }[] {
  return parentFields(object).flatMap((field) => {
    const place = records.parent(object.name, row, field);
    const above = place === null ? undefined : schema.object(place.object);
    return place === null || above === undefined ? [] : [{ object: above, row: place.row }];
  });
}

/** Whoever is given an account may be given its opportunities, cases and contacts to edit. */
function editsByAccount(
  { state, records, reach, shares }: RecordAccessParts,
  user: SandboxUser,
  object: ObjectDef,
  row: number,
): boolean {
  const level = CHILDREN_OF_ACCOUNT[object.name];
  const account = level === undefined ? null : records.parent(object.name, row, 'AccountId');
  if (level === undefined || account === null) return false;
  const reached = reach().of(user.id, !state.withoutHierarchy.has('Account'));
  return shares
    .rows('Account')
    .of(account.row)
    .some((one) => reached.has(one.to) && one.children[level] === 'Edit');
}

const LEVELS = ['None', 'Read', 'Edit', 'All'] as const;
export type Level = (typeof LEVELS)[number];

/** One row for each record, in the order of the ids. */
function accessRows(userId: string, levels: readonly (readonly [id: string, level: Level])[]): readonly LiveRow[] {
  return levels.map(([recordId, level], at) => ({
    id: salesforceId('0Ur', at),
    createdMs: 0,
    modifiedMs: 0,
    deleted: false,
    values: {
      UserId: userId,
      RecordId: recordId,
      HasReadAccess: level !== 'None',
      HasEditAccess: level === 'Edit' || level === 'All',
      HasDeleteAccess: level === 'All',
      HasTransferAccess: level === 'All',
      HasAllAccess: level === 'All',
      MaxAccessLevel: level,
    },
  }));
}
