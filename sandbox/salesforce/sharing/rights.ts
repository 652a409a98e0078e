import { ControlError, type SandboxUser } from '../../kit/index.ts';
import type { FieldDef } from '../schema/field.ts';
import type { ObjectDef } from '../schema/object.ts';
import type { Hidden, Schema } from '../schema/schema.ts';
import { governing, hasFieldSecurity, isGoverned, masterField } from './objects.ts';
import { assignmentOf, OBJECT_RIGHTS, type ObjectRight, type RightSet, type SharingState } from './state.ts';

/** What profiles and permission sets let users see, whatever the records. */
export interface Rights {
  /** "View Setup and Configuration". */
  mayViewSetup(user: SandboxUser): boolean;
  /** The strongest right that any of the user's sets gives. */
  objectRight(user: SandboxUser, object: ObjectDef): ObjectRight;
  viewsAllData(user: SandboxUser): boolean;
  canReadField(user: SandboxUser, object: ObjectDef, field: FieldDef): boolean;
  setsOf(user: SandboxUser): readonly RightSet[];
  /** Objects and fields that do not exist for a user. */
  hidden(user: SandboxUser): Hidden;
  /**
   * Applies `{user, viewSetup?: boolean, hide?: {object, field}, show?:
   * {object, field}}` of the control API: of one user alone, beside what
   * profiles and permission sets say. Returns what the user has then.
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

export interface RightsParts {
  readonly state: SharingState;
  readonly schema: Schema;
  /** Share objects that there are not at the moment, and those of objects that the user may not read. */
  withoutShares(canRead: (object: ObjectDef) => boolean): ReadonlySet<string>;
}

export function createRights({ state, schema, withoutShares }: RightsParts): Rights {
  const viewers = new Set(state.users.filter((user) => user.role === 'admin').map((user) => user.username));
  const refused = new Set<string>();
  const hiddenFields = new Map<string, Set<string>>();
  const fieldsOf = (username: string): Set<string> => {
    const known = hiddenFields.get(username) ?? new Set<string>();
    hiddenFields.set(username, known);
    return known;
  };
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
    const own = hiddenFields.get(user.username);
    if (own !== undefined && (own.has(key(object, field)) || (rule !== null && own.has(key(object, rule)))))
      return false;
    if (rule === null || !hasFieldSecurity(object)) return true;
    return setsOf(user).some((set) => setShowsField(set, object, rule));
  };

  return {
    mayViewSetup,
    objectRight,
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
    change: ({ user: username, viewSetup, hide, show }) => {
      const user = state.users.find((one) => one.username === username);
      if (user === undefined) throw new ControlError('permissions wants {user: username, viewSetup?, hide?, show?}');
      if (viewSetup === true) {
        viewers.add(user.username);
        refused.delete(user.username);
      }
      if (viewSetup === false) refused.add(user.username);
      if (hide !== undefined) fieldsOf(user.username).add(hideable(schema, hide));
      if (show !== undefined) fieldsOf(user.username).delete(hideable(schema, show));
      return { viewSetup: mayViewSetup(user), hidden: [...fieldsOf(user.username)] };
    },
  };
}

export function rightOf(set: RightSet, object: string): ObjectRight {
  if (set.modifyAllData) return 'modifyAll';
  const given = set.objects.get(object) ?? set.others;
  return set.viewAllData ? strongest(['viewAll', given]) : given;
}

export function setShowsField(set: RightSet, object: ObjectDef, field: FieldDef): boolean {
  return set.fields.has(key(object, field)) !== (set.fieldBase === 'all');
}

function strongest(rights: readonly ObjectRight[]): ObjectRight {
  return OBJECT_RIGHTS.findLast((right) => rights.includes(right)) ?? 'none';
}

const seesAllData = (set: RightSet): boolean => set.viewAllData || set.modifyAllData;

const key = (object: ObjectDef, field: FieldDef): string => `${object.name}.${field.storage}`;

function hideable(schema: Schema, input: unknown): string {
  const { object: name, field } = Object(input) as Readonly<Record<string, unknown>>;
  const object = typeof name === 'string' ? schema.object(name) : undefined;
  const def = object === undefined || typeof field !== 'string' ? undefined : schema.field(object.name, field);
  if (object === undefined || def === undefined) throw new ControlError(`no field ${String(field)} on ${String(name)}`);
  if (!def.nillable && !def.custom) throw new ControlError(`${def.name} is required and cannot be hidden`);
  return key(object, def);
}
