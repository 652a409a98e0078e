import type { SandboxUser } from '../../kit/index.ts';
import type { LiveRow } from '../rows/live-table.ts';
import type { Table } from '../rows/table.ts';
import type { Value } from '../schema/field.ts';
import type { ObjectDef } from '../schema/object.ts';
import type { Schema } from '../schema/schema.ts';
import { initialState } from './initial-state.ts';
import { isShareable, masterField, shareName } from './objects.ts';
import { createReach } from './reach.ts';
import { levelOf, recordAccess, type Level } from './record-access.ts';
import type { AccessQuestion } from './access-question.ts';
import { createRecords, type Records } from './records.ts';
import { createRights, type Rights } from './rights.ts';
import { setupLiveRows } from './setup-sources.ts';
import { shareLiveRows } from './share-source.ts';
import { createShareStore } from './share-store.ts';
import { assignmentOf, profileId, type Model, type SharingState } from './state.ts';
import { createVisibility, has } from './visibility.ts';

/** Who is shown what: everybody everything, until an administrator changes something. See docs/salesforce-sharing.md. */
export interface Sharing {
  readonly state: SharingState;
  readonly rights: Rights;
  readonly records: Records;
  model(object: string): Model;
  /** Null: all records of the object. */
  visible(user: SandboxUser, object: string): ((row: number) => boolean) | null;
  /** A record was made, changed or deleted. */
  touched(object: string, row: number): void;
  /** Shares by hand end with the ownership of a record, and so do teams of accounts and opportunities. */
  ownerChanged(object: string, id: string): void;
  /** Records of Share objects and of those of setup, by object. */
  readonly live: ReadonlyMap<string, () => readonly LiveRow[]>;
  /** The object whose shares a Share object holds; null: it is none. */
  sharedObject(name: string): string | null;
  /** Rows of UserRecordAccess for somebody who asks. */
  recordAccess(asking: SandboxUser, question: AccessQuestion): readonly LiveRow[];
  /** The most that a user may do with a record, whatever the rights to its object. */
  level(user: SandboxUser, object: ObjectDef, row: number): Level;
  /** What a user's own record says of what the user is given, by number of the user. */
  ofUser(row: number, storage: string): Value | undefined;
}

export interface SharingParts {
  readonly users: readonly SandboxUser[];
  readonly bornMs: number;
  readonly schema: Schema;
  table(object: string): Table;
  nowMs(): number;
}

export function createSharing(parts: SharingParts): Sharing {
  const { users, bornMs, schema, nowMs } = parts;
  const state = initialState(users, bornMs);
  const records = createRecords(parts);
  const reach = createReach(state);
  const model = (name: string): Model => {
    const object = schema.object(name);
    if (object !== undefined && masterField(object) !== undefined) return 'ControlledByParent';
    return state.models.get(name) ?? 'ReadWrite';
  };
  const shareable = schema
    .objects()
    .filter((object) => isShareable(object))
    .map(({ name }) => name);
  /** Standard Share objects are always there, custom ones while there is something to share. */
  const isThere = (object: ObjectDef): boolean => object.sort === 'standard' || model(object.name) !== 'ReadWrite';
  const rights = createRights({
    state,
    schema,
    withoutShares: (canRead) => {
      const objects = shareable.flatMap((name) => schema.object(name) ?? []);
      return new Set(objects.flatMap((object) => (canRead(object) && isThere(object) ? [] : [shareName(object.name)])));
    },
  });
  const shares = createShareStore({ state, records, reach, model, shareable, nowMs });
  const visibility = createVisibility({ state, schema, records, reach, rights, shares, model });
  const levels = { state, schema, records, reach, rights, shares, visibility, model };
  const shareRows = (object: string): readonly LiveRow[] =>
    shareLiveRows(object, shares.rows(object).all(), state, model);

  return {
    state,
    rights,
    records,
    model,
    visible: (user, object) => {
      const shown = visibility.shown(user, object);
      const hidden = state.restricted.get(`${user.username} ${object}`);
      if (shown === 'all' && hidden === undefined) return null;
      return (row) => has(shown, row) && hidden?.has(records.id(object, row)) !== true;
    },
    touched: shares.touched,
    ownerChanged: (object, id) => {
      const kept = (state.shares.get(id) ?? []).filter((share) => share.reason !== 'Manual');
      state.shares.set(id, kept);
      if (object !== 'Case') state.team.delete(id);
    },
    live: new Map([
      ...setupLiveRows(state, schema, rights),
      ...shareable.map((object) => [shareName(object), () => shareRows(object)] as const),
    ]),
    sharedObject: (name) => shareable.find((object) => shareName(object) === name) ?? null,
    recordAccess: (asking, question) => recordAccess(levels, asking, question),
    level: (user, object, row) => levelOf(levels, user, object, row),
    ofUser: (row, storage) => givenTo(state, row, storage),
  };
}

/** Fields of a user's record that say what the user is given. */
function givenTo(state: SharingState, row: number, storage: string): Value | undefined {
  const user = state.users[row];
  if (user === undefined) return undefined;
  const { profile, role } = assignmentOf(state, user);
  switch (storage) {
    case 'ProfileId':
      return profileId(state.sets.findIndex((set) => set.isProfile && set.name === profile));
    case 'UserRoleId':
      return state.roles.find((one) => one.name === role)?.id ?? null;
    case 'IsActive':
      return user.active;
    default:
      return undefined;
  }
}
