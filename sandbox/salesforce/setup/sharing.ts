import { ControlError, type SandboxUser } from '../../kit/index.ts';
import { salesforceId } from '../../world/index.ts';
import type { BaseSource } from '../rows/source.ts';
import type { Value } from '../schema/field.ts';

/** Organization-wide defaults as EntityDefinition spells them (Object Reference, "EntityDefinition", InternalSharingModel). */
const MODELS = ['Private', 'Read', 'ReadWrite'] as const;
type Model = (typeof MODELS)[number];

/** What a user is given, by names. */
interface Assignment {
  profile: string;
  role: string;
  permissionSets: readonly string[];
  groups: readonly string[];
}

/** Who is shown which records: everybody all of them, until an administrator changes something. */
export interface Sharing {
  model(object: string): Model;
  /** Null: all records of the object. */
  visible(user: SandboxUser, object: string): ((id: string, ownerId: Value) => boolean) | null;
  /**
   * Applies `{object, model}` (an organization-wide default), or `{user,
   * profile?, role?, permissionSets?, groups?, restrict?: {object, ids},
   * unrestrict?: object}`; a restriction is the doing of a restriction rule,
   * which users without "View Setup" are not told of. Returns what is in force.
   */
  change(input: Readonly<Record<string, unknown>>): unknown;
  /** The records by which an org tells of all that (Object Reference). */
  readonly sources: ReadonlyMap<string, BaseSource>;
  /** `ProfileId` and `UserRoleId` of a user, by number. */
  ofUser(row: number, storage: string): Value | undefined;
}

const ADMIN = 'System Administrator';
const PROFILES = [ADMIN, 'Standard User', 'Minimum Access'];
/** Permission sets beside those that profiles own; these let everything be seen: "View All Data". */
const VIEW_ALL = ['Integration'];
const SETS = [...PROFILES.map((profile) => `X_${profile}`), ...VIEW_ALL, 'Sales_Reports'];
const ROLES = ['CEO', 'Sales', 'Support'];
const GROUPS = ['Deal_Desk', 'Escalations'];

export function createSharing(users: readonly SandboxUser[], bornMs: number): Sharing {
  const models = new Map<string, Model>();
  const restricted = new Map<string, ReadonlySet<string>>();
  const given = new Map(
    users.map(({ username, role }): [string, Assignment] => [
      username,
      { profile: role === 'admin' ? ADMIN : 'Standard User', role: ROLES[1] ?? '', permissionSets: [], groups: [] },
    ]),
  );
  const of = (user: SandboxUser): Assignment =>
    given.get(user.username) ?? { profile: 'Standard User', role: '', permissionSets: [], groups: [] };
  const setsOf = (user: SandboxUser): readonly string[] => [`X_${of(user).profile}`, ...of(user).permissionSets];
  const seesAll = (user: SandboxUser): boolean => setsOf(user).some(viewsAll);

  const assign = (user: SandboxUser, input: Readonly<Record<string, unknown>>): Assignment => {
    const next: Assignment = {
      ...of(user),
      ...(input['profile'] === undefined ? {} : { profile: named(input['profile'], PROFILES) }),
      ...(input['role'] === undefined ? {} : { role: named(input['role'], ROLES) }),
      ...(input['permissionSets'] === undefined ? {} : { permissionSets: allNamed(input['permissionSets'], SETS) }),
      ...(input['groups'] === undefined ? {} : { groups: allNamed(input['groups'], GROUPS) }),
    };
    given.set(user.username, next);
    const { restrict, unrestrict } = input;
    if (typeof unrestrict === 'string') restricted.delete(`${user.username} ${unrestrict}`);
    if (restrict !== undefined) {
      const { object, ids } = restrict as { readonly object?: unknown; readonly ids?: unknown };
      if (typeof object !== 'string' || !Array.isArray(ids)) throw new ControlError('restrict wants {object, ids}');
      restricted.set(`${user.username} ${object}`, new Set(ids.map(String)));
    }
    return next;
  };

  const pairs = (names: (user: SandboxUser) => readonly string[]): readonly (readonly [SandboxUser, string])[] =>
    users.flatMap((user) => names(user).map((name) => [user, name] as const));
  const setId = (name: string): string => salesforceId('0PS', SETS.indexOf(name));
  const assignments = (): readonly Row[] =>
    pairs(setsOf).map(([user, name]) => ({ AssigneeId: user.id, PermissionSetId: setId(name) }));
  const members = (): readonly Row[] =>
    pairs((user) => of(user).groups).map(([user, name]) => ({
      UserOrGroupId: user.id,
      GroupId: salesforceId('00G', GROUPS.indexOf(name)),
    }));

  return {
    model: (object) => models.get(object) ?? 'ReadWrite',
    visible: (user, object) => {
      const isPrivate = models.get(object) === 'Private' && !seesAll(user);
      const hidden = restricted.get(`${user.username} ${object}`);
      if (!isPrivate && hidden === undefined) return null;
      return (id, ownerId) => hidden?.has(id) !== true && (!isPrivate || ownerId === user.id);
    },
    change: (input) => {
      const { object, model, user: username } = input;
      if (typeof object === 'string') {
        const known = MODELS.find((one) => one === model);
        if (known === undefined) throw new ControlError(`model must be one of ${MODELS.join(', ')}`);
        models.set(object, known);
        return { object, model: known };
      }
      const user = users.find((one) => one.username === username);
      if (user === undefined) throw new ControlError('sharing wants {object, model} or {user: username, ...}');
      return assign(user, input);
    },
    sources: new Map([
      ['Profile', liveSource(() => PROFILES.map((Name) => ({ Name })), bornMs)],
      ['UserRole', liveSource(() => ROLES.map((Name) => ({ Name, DeveloperName: Name })), bornMs)],
      ['PermissionSet', liveSource(() => SETS.map(setRow), bornMs)],
      ['PermissionSetAssignment', liveSource(assignments, bornMs)],
      ['Group', liveSource(() => GROUPS.map((Name) => ({ Name, DeveloperName: Name, Type: 'Regular' })), bornMs)],
      ['GroupMember', liveSource(members, bornMs)],
    ]),
    ofUser: (row, storage) => {
      const user = users[row];
      if (user === undefined || (storage !== 'ProfileId' && storage !== 'UserRoleId')) return undefined;
      const { profile, role } = of(user);
      return storage === 'ProfileId'
        ? salesforceId('00e', PROFILES.indexOf(profile))
        : salesforceId('00E', ROLES.indexOf(role));
    },
  };
}

type Row = Readonly<Record<string, Value>>;

const viewsAll = (set: string): boolean => set === `X_${ADMIN}` || VIEW_ALL.includes(set);

const setRow = (name: string): Row => ({
  Name: name,
  Label: name.replaceAll('_', ' '),
  IsOwnedByProfile: name.startsWith('X_'),
  ProfileId: name.startsWith('X_') ? salesforceId('00e', PROFILES.indexOf(name.slice(2))) : null,
  PermissionsViewAllData: viewsAll(name),
  PermissionsModifyAllData: name === `X_${ADMIN}`,
});

function named(value: unknown, known: readonly string[]): string {
  const found = known.find((one) => one === value);
  if (found === undefined) throw new ControlError(`${String(value)} is none of ${known.join(', ')}`);
  return found;
}

function allNamed(values: unknown, known: readonly string[]): readonly string[] {
  if (!Array.isArray(values)) throw new ControlError(`wants a list of some of ${known.join(', ')}`);
  return values.map((value) => named(value, known));
}

/** Few records, as they are at the moment of reading. */
function liveSource(rows: () => readonly Row[], bornMs: number): BaseSource {
  return {
    get count() {
      return rows().length;
    },
    createdMs: () => bornMs,
    modifiedMs: () => bornMs,
    value: (row, storage) => rows()[row]?.[storage],
    children: () => null,
  };
}
