import type { Grantee } from '../../permissions.ts';

/** Users, roles and groups of an org, as its setup objects tell them. */
export interface OrgChart {
  readonly users: readonly OrgUser[];
  readonly roles: readonly { readonly id: string; readonly parent: string | null }[];
  readonly groups: readonly OrgGroup[];
  /** A member is a user or another group. */
  readonly members: readonly { readonly group: string; readonly member: string }[];
}

export interface OrgUser {
  readonly id: string;
  readonly active: boolean;
  readonly internal: boolean;
  readonly role: string | null;
  readonly manager: string | null;
}

export interface OrgGroup {
  readonly id: string;
  /** Object Reference, Group: `Regular`, `Queue`, `Role`, `RoleAndSubordinates` ... */
  readonly type: string;
  /** The role or user that it stands for. */
  readonly related: string | null;
  /** "Grant Access Using Hierarchies" of public groups and queues. */
  readonly bosses: boolean;
}

/**
 * The alphabet: `user:` and `group:` are that user and the members of that
 * group; `line:` are those and whoever stands above them in the role
 * hierarchy; `everyone` are all internal users. So two sets alone decide.
 */
export const everyone: Grantee = 'everyone';
export const aloneOf = (id: string): Grantee => (id.startsWith(GROUP_PREFIX) ? `group:${id}` : `user:${id}`);
export const lineOf = (id: string): Grantee => `line:${id}`;

/** Ids of groups and queues begin so (Object Reference, key prefixes). */
const GROUP_PREFIX = '00G';

export interface StandingInOrg {
  readonly grantees: readonly Grantee[];
  /** Users who stand below. */
  readonly below: readonly string[];
}

export interface OrgSettings {
  /** Records of queues are shown to whoever stands above a member, whatever the rows of the queues say. */
  readonly queuesHandOn: boolean;
}

/** What each user is, may be asked for any number of users. */
export function orgStandings(chart: OrgChart, settings: OrgSettings): (user: OrgUser) => StandingInOrg {
  const tree = roleTree(chart);
  const groups = groupsOf(chart, tree, settings);
  const usersOfRole = grouped(chart.users, ({ role }) => role);
  /** Of a role and everything below it: users, and groups that hand on to whoever stands above. */
  const subtrees = new Map<string, { readonly users: ReadonlySet<string>; readonly groups: ReadonlySet<string> }>();
  const subtreeOf = (role: string): { readonly users: ReadonlySet<string>; readonly groups: ReadonlySet<string> } => {
    const known = subtrees.get(role);
    if (known !== undefined) return known;
    const users = new Set<string>();
    const handingOn = new Set(groups.ofRole(role).filter(groups.handsOn));
    // A loop of roles is no tree: what comes round again adds nothing.
    subtrees.set(role, { users, groups: handingOn });
    for (const user of usersOfRole.get(role) ?? []) {
      users.add(user.id);
      for (const group of groups.ofUser(user)) if (groups.handsOn(group)) handingOn.add(group);
    }
    for (const child of tree.children(role)) {
      const below = subtreeOf(child);
      for (const user of below.users) users.add(user);
      for (const group of below.groups) handingOn.add(group);
    }
    return { users, groups: handingOn };
  };
  return (user) => {
    const below = new Set<string>();
    const own = groups.ofUser(user);
    const line = new Set([user.id, ...own.filter(groups.handsOn)]);
    for (const child of user.role === null ? [] : tree.children(user.role)) {
      const subtree = subtreeOf(child);
      for (const id of subtree.users) below.add(id);
      for (const id of subtree.groups) line.add(id);
    }
    // A member of a group is in its line, whether or not it hands on.
    for (const id of [...below, ...own]) line.add(id);
    const alone = [user.id, ...own].map(aloneOf);
    return { grantees: [...(user.internal ? [everyone] : []), ...alone, ...[...line].map(lineOf)], below: [...below] };
  };
}

function grouped<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): ReadonlyMap<Key, readonly Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [item]);
    else known.push(item);
  }
  return groups;
}

interface RoleTree {
  children(role: string): readonly string[];
  /** From the role up, the role first. */
  upwards(role: string): readonly string[];
}

function roleTree({ roles }: OrgChart): RoleTree {
  const parents = new Map(roles.map(({ id, parent }) => [id, parent]));
  const children = grouped(roles, ({ parent }) => parent);
  return {
    children: (role) => (children.get(role) ?? []).map(({ id }) => id),
    upwards: (role) => chainOf(role, (id) => parents.get(id) ?? null),
  };
}

/** A start and what follows from it, each once. */
function chainOf(start: string, next: (id: string) => string | null): string[] {
  const chain = new Set<string>();
  for (let at: string | null = start; at !== null && !chain.has(at); at = next(at)) chain.add(at);
  return [...chain];
}

interface Groups {
  ofUser(user: OrgUser): readonly string[];
  /** Those that hold whoever has the role, now or later. */
  ofRole(role: string): readonly string[];
  handsOn(group: string): boolean;
}

function groupsOf(chart: OrgChart, tree: RoleTree, settings: OrgSettings): Groups {
  const holders = grouped(chart.members, ({ member }) => member);
  const byKind = grouped(chart.groups, ({ type, related }) => `${type} ${related ?? ''}`);
  const managers = new Map(chart.users.map(({ id, manager }) => [id, manager]));
  const kind = (type: string, related: string): string[] =>
    (byKind.get(`${type} ${related}`) ?? []).map(({ id }) => id);
  const handing = new Set(chart.groups.filter((group) => handsOn(group, settings)).map(({ id }) => id));
  const wholeOrg = chart.groups.filter(({ type }) => type === 'Organization').map(({ id }) => id);

  /** The groups, and those that hold them. */
  const closure = (start: readonly string[]): string[] => {
    const found = new Set(start);
    for (const id of found) for (const { group } of holders.get(id) ?? []) found.add(group);
    return [...found];
  };
  const roleGroups = (role: string, internal: boolean): string[] => [
    ...kind('Role', role),
    ...tree
      .upwards(role)
      .flatMap((above) => [
        ...kind('RoleAndSubordinates', above),
        ...(internal ? kind('RoleAndSubordinatesInternal', above) : []),
      ]),
  ];
  /** Groups that Salesforce keeps for each manager (Object Reference, Group, Type). */
  const managerGroups = (user: OrgUser): string[] =>
    chainOf(user.id, (id) => managers.get(id) ?? null).flatMap((id) => kind('ManagerAndSubordinatesInternal', id));
  const managedBy = managersGroups(chart, managers);

  const ofUsers = new Map<string, readonly string[]>();
  return {
    ofUser: (user) => {
      const known = ofUsers.get(user.id);
      if (known !== undefined) return known;
      const found = closure([
        ...(holders.get(user.id) ?? []).map(({ group }) => group),
        ...(user.role === null ? [] : roleGroups(user.role, user.internal)),
        ...(user.internal ? wholeOrg : []),
        ...managerGroups(user),
        ...(managedBy.get(user.id) ?? []),
      ]);
      ofUsers.set(user.id, found);
      return found;
    },
    ofRole: (role) => closure(roleGroups(role, true)),
    handsOn: (group) => handing.has(group),
  };
}

/** Of each user: groups of the managers of somebody whom the user manages, directly or not. */
function managersGroups(chart: OrgChart, managers: ReadonlyMap<string, string | null>): ReadonlyMap<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { id, type, related } of chart.groups) {
    if (type !== 'Manager' || related === null) continue;
    for (const manager of chainOf(related, (user) => managers.get(user) ?? null).slice(1)) {
      found.set(manager, [...(found.get(manager) ?? []), id]);
    }
  }
  return found;
}

/** Roles hand on as such; public groups as they are set, and queues. */
function handsOn({ type, bosses }: OrgGroup, { queuesHandOn }: OrgSettings): boolean {
  if (type === 'Role' || type === 'RoleAndSubordinates' || type === 'RoleAndSubordinatesInternal') return true;
  return type === 'Queue' ? bosses || queuesHandOn : type === 'Regular' && bosses;
}
