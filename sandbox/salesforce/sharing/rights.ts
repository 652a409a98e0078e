import { ControlError, type SandboxUser, type WriteOp } from '../../kit/index.ts';
import type { FieldDef } from '../schema/field.ts';
import type { ObjectDef } from '../schema/object.ts';
import type { Hidden, Schema } from '../schema/schema.ts';
import { governing, hasFieldSecurity, isActivity, isGoverned, masterField } from './objects.ts';
import { createOwnRights, fieldKey } from './own-rights.ts';
import {
  assignmentOf,
  OBJECT_RIGHTS,
  type ObjectRight,
  type RightSet,
  type SharingState,
  type WriteRight,
} from './state.ts';

/** What profiles and permission sets let users see, whatever the records. */
export interface Rights {
  /** "View Setup and Configuration". */
  mayViewSetup(user: SandboxUser): boolean;
  /** The strongest right that any of the user's sets gives. */
  objectRight(user: SandboxUser, object: ObjectDef): ObjectRight;
  viewsAllData(user: SandboxUser): boolean;
  canReadField(user: SandboxUser, object: ObjectDef, field: FieldDef): boolean;
  /** What the user may do to records of an object, as far as that does not depend on the record. */
  writing(user: SandboxUser, object: ObjectDef): WriteRights;
  /** "Modify All Data". */
  modifiesAllData(user: SandboxUser): boolean;
  setsOf(user: SandboxUser): readonly RightSet[];
  /** Objects and fields that do not exist for a user. */
  hidden(user: SandboxUser): Hidden;
  /**
   * Applies `{user, viewSetup?: boolean, hide?: {object, field}, show?:
   * {object, field}, readOnly?: {object, field}, writable?: {object, field},
   * deny?: {object, op}, allow?: {object, op}}` of the control API: of one user
   * alone, beside what profiles and permission sets say; `op` is `create`,
   * `update` or `delete`. Returns what the user has then.
   */
  change(input: Readonly<Record<string, unknown>>): unknown;
}

/** Objects of the data API for users who may view setup. */
const SETUP_ONLY: ReadonlySet<string> = new Set([
  'FlowDefinitionView',
  'ObjectPermissions',
  'FieldPermissions',
  'PermissionSet',
  'PermissionSetAssignment',
]);

export interface WriteRights {
  may(op: WriteOp): boolean;
  /** Whether a field that the user is shown may be written; fields that nobody may write apart. */
  mayEdit(field: FieldDef): boolean;
}

export interface RightsParts {
  readonly state: SharingState;
  readonly schema: Schema;
  /** Share objects that there are not at the moment, and those of objects that the user may not read. */
  withoutShares(canRead: (object: ObjectDef) => boolean): ReadonlySet<string>;
}

export function createRights({ state, schema, withoutShares }: RightsParts): Rights {
  const viewers = new Set(state.users.filter((user) => user.role === 'admin').map((user) => user.username));
  const refused = new Set<string>();
  const own = createOwnRights(schema);
  const setsOf = (user: SandboxUser): readonly RightSet[] => {
    const { profile, permissionSets } = assignmentOf(state, user);
    return state.sets.filter(({ isProfile, name }) => (isProfile ? name === profile : permissionSets.includes(name)));
  };
  const mayViewSetup = (user: SandboxUser): boolean =>
    !refused.has(user.username) && (viewers.has(user.username) || setsOf(user).some((set) => set.viewSetup));
  const objectRight = (user: SandboxUser, object: ObjectDef): ObjectRight => {
    if (!isGoverned(object)) return setsOf(user).some(seesAllData) ? 'viewAll' : 'read';
    return strongest(setsOf(user).map((set) => rightOf(set, object.name)));
  };
  const canReadObject = (user: SandboxUser, object: ObjectDef): boolean => {
    if (objectRight(user, object) === 'none') return false;
    const master = schema.object(masterField(object)?.referenceTo[0] ?? '');
    return master === undefined || master.name === object.name || canReadObject(user, master);
  };
  const canReadField: Rights['canReadField'] = (user, object, field) => {
    const rule = governing(field, object.fields);
    if (own.hides(user, object, field) || (rule !== null && own.hides(user, object, rule))) return false;
    if (rule === null || !hasFieldSecurity(object)) return true;
    return setsOf(user).some((set) => setShowsField(set, object, rule));
  };

  return {
    mayViewSetup,
    objectRight,
    modifiesAllData: (user) => setsOf(user).some((set) => set.modifyAllData),
    writing: (user, object) => ({
      may: (op) => !own.denies(user, object, op) && setsOf(user).some((set) => setWrites(set, object, RIGHT_OF[op])),
      mayEdit: (field) => {
        const rule = governing(field, object.fields);
        if (own.keeps(user, object, field) || (rule !== null && own.keeps(user, object, rule))) return false;
        if (rule === null || !hasFieldSecurity(object)) return true;
        return setsOf(user).some((set) => setEditsField(set, object, rule));
      },
    }),
    viewsAllData: (user) => setsOf(user).some(seesAllData),
    canReadField,
    setsOf,
    hidden: (user) => {
      const known = new Map<ObjectDef, boolean>();
      const canRead = (object: ObjectDef): boolean => {
        const before = known.get(object) ?? canReadObject(user, object);
        known.set(object, before);
        return before;
      };
      const noShares = withoutShares(canRead);
      const readsSetup = mayViewSetup(user);
      return {
        object: (object) =>
          (SETUP_ONLY.has(object.name) && !readsSetup) || noShares.has(object.name) || !canRead(object),
        field: (object, field) => !canReadField(user, object, field),
      };
    },
    change: (input) => {
      const { user: username, viewSetup } = input;
      const user = state.users.find((one) => one.username === username);
      if (user === undefined)
        throw new ControlError(
          'permissions wants {user: username, viewSetup?, hide?, show?, readOnly?, writable?, deny?, allow?}',
        );
      if (viewSetup === true) {
        viewers.add(user.username);
        refused.delete(user.username);
      }
      if (viewSetup === false) refused.add(user.username);
      return { viewSetup: mayViewSetup(user), ...own.change(user, input) };
    },
  };
}

export function rightOf(set: RightSet, object: string): ObjectRight {
  if (set.modifyAllData) return 'modifyAll';
  const given = set.objects.get(object) ?? set.others;
  return set.viewAllData ? strongest(['viewAll', given]) : given;
}

const RIGHT_OF: Readonly<Record<WriteOp, WriteRight>> = { create: 'create', update: 'edit', delete: 'delete' };

/** Whether a set lets records of an object be written so. */
export function setWrites(set: RightSet, object: ObjectDef, right: WriteRight): boolean {
  if (isActivity(object.name)) return set.editActivities || set.modifyAllData;
  if (!isGoverned(object)) return true;
  const given = rightOf(set, object.name);
  if (given === 'modifyAll' || given === 'none') return given === 'modifyAll';
  return set.writes.get(object.name)?.has(right) ?? set.isProfile;
}

/** What may be edited may be read. */
export function setEditsField(set: RightSet, object: ObjectDef, field: FieldDef): boolean {
  return setShowsField(set, object, field) && !set.readOnly.has(fieldKey(object, field));
}

export function setShowsField(set: RightSet, object: ObjectDef, field: FieldDef): boolean {
  return set.fields.has(fieldKey(object, field)) !== (set.fieldBase === 'all');
}

function strongest(rights: readonly ObjectRight[]): ObjectRight {
  return OBJECT_RIGHTS.findLast((right) => rights.includes(right)) ?? 'none';
}

const seesAllData = (set: RightSet): boolean => set.viewAllData || set.modifyAllData;
