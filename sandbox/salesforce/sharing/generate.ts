import { ControlError, hash32 } from '../../kit/index.ts';
import { mutate } from '../control/mutate.ts';
import type { Org } from '../org.ts';
import type { Input } from './control-input.ts';
import { BRANCHES, MODELS_OF_ORG, permissionSets, profiles, PROFILE_OF_BRANCH, rulesOf } from './generate-plan.ts';
import { usersBounds } from './users-bounds.ts';

/** One form of the control call `sharing`. */
type ChangeCall = (form: Input) => unknown;

/** Numbers from a seed, in turn. */
export interface Draw {
  below(bound: number): number;
  chance(percent: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
}

/**
 * `{users, seed?}`: makes a plausible org of so many people: roles four levels
 * deep, groups, queues, rules, teams, shares by hand, profiles and permission
 * sets, private objects. As if it had always been so: records get new owners
 * without a new stamp, so do it before anybody reads.
 */
export function generate(org: Org, input: Input, change: ChangeCall): unknown {
  const { users: count = usersBounds.max, seed = 1 } = input;
  if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < org.users.length || count > usersBounds.max)
    throw new ControlError(`users must be a whole number from ${org.users.length} to ${usersBounds.max}`);
  if (typeof seed !== 'number' || !Number.isSafeInteger(seed)) throw new ControlError('seed must be a whole number');
  org.people.hire(count);
  const draw = createDraw(seed);
  const teams = makeRoles(change, draw);
  for (const form of [...profiles(), ...permissionSets()]) change(form);
  placePeople(org, change, draw, teams);
  handOutRecords(org, draw);
  for (const [object, model] of MODELS_OF_ORG) change({ object, model });
  makeGroups(org, change, draw, teams);
  makeRecords(org, draw);
  for (const rule of rulesOf(teams)) change({ rule });
  shareSome(org, change, draw);
  return {
    users: org.users.length,
    roles: org.sharing.state.roles.length,
    groups: org.sharing.state.groups.filter(({ type }) => type === 'Regular').length,
    queues: org.sharing.state.groups.filter(({ type }) => type === 'Queue').length,
    rules: org.sharing.state.rules.length,
  };
}

function createDraw(seed: number): Draw {
  let turn = 0;
  const next = (): number => hash32(seed, (turn += 1), 77);
  const below = (bound: number): number => next() % Math.max(1, bound);
  return {
    below,
    chance: (percent) => below(100) < percent,
    pick: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error('nothing to pick from');
      return item;
    },
  };
}

/** A role on the lowest level, and the branch that it belongs to. */
export interface Team {
  readonly role: string;
  readonly branch: (typeof BRANCHES)[number]['name'];
  readonly region: string;
}

/** Board, branch, region, team. */
function makeRoles(change: ChangeCall, draw: Draw): readonly Team[] {
  const level = (): string => draw.pick(['None', 'Read', 'Edit']);
  const role = (name: string, parent: string): void => {
    change({ role: { name, parent, opportunity: level(), case: level(), contact: 'Edit' } });
  };
  const teams: Team[] = [];
  for (const branch of BRANCHES) {
    role(branch.name, 'CEO');
    for (const region of branch.regions) {
      const name = `${branch.name} ${region}`;
      role(name, branch.name);
      for (const at of [1, 2, 3]) {
        role(`${name} Team ${at}`, name);
        teams.push({ role: `${name} Team ${at}`, branch: branch.name, region: name });
      }
    }
  }
  return teams;
}

/** User 0 stays the administrator; one in thirty has no role, and one in forty left. */
function placePeople(org: Org, change: ChangeCall, draw: Draw, teams: readonly Team[]): void {
  const leaders = ['CEO', ...BRANCHES.map(({ name }) => name), ...new Set(teams.map(({ region }) => region))];
  const sets = org.sharing.state.sets
    .filter((set) => !set.isProfile && set.name !== 'Integration')
    .map(({ name }) => name);
  for (const [at, { username }] of org.users.entries()) {
    if (at === 0) {
      change({ user: username, role: null });
      continue;
    }
    const team = draw.pick(teams);
    const leads = leaders[at - 1];
    const role = leads ?? (draw.chance(3) ? null : team.role);
    const branch = BRANCHES.find(({ name }) => role?.startsWith(name) === true)?.name;
    const profile =
      role === null ? 'Extern' : leads === undefined ? PROFILE_OF_BRANCH[branch ?? 'Vertrieb'] : 'Leitung';
    const given = sets.filter(() => draw.chance(12));
    const left = at >= org.world.counts.users && draw.chance(2) ? { active: false } : {};
    change({ user: username, role, profile, permissionSets: given, ...left });
  }
}

/** Accounts and what hangs on them belong to people who sell; a few to people who left or lead. */
function handOutRecords(org: Org, draw: Draw): void {
  const { assignments } = org.sharing.state;
  const sellers = org.users.filter(({ username }) => {
    const role = assignments.get(username)?.role ?? '';
    return role.startsWith('Vertrieb') || role.startsWith('Erfolg');
  });
  const turn = draw.below(1_000);
  org.people.handOut((number) => sellers[number(turn) % sellers.length]?.id ?? org.users[0]?.id ?? '');
  for (const object of ['Account', 'Contact', 'Opportunity', 'Event', 'Vertrag__c'])
    for (let row = 0; row < org.table(object).rowCount(); row += 1) org.sharing.records.forget(object, row);
}

const QUEUES = ['Eingang', 'Eskalation', 'Rechnungsfragen', 'Neue Leads'];

/** Groups of people, of roles and of groups; queues; some of them without the people above. */
function makeGroups(org: Org, change: ChangeCall, draw: Draw, teams: readonly Team[]): void {
  const people = (count: number): readonly unknown[] =>
    Array.from({ length: count }, () => draw.pick(org.users).username);
  const role = (): unknown => ({
    [draw.pick(['role', 'roleAndSubordinates', 'roleAndSubordinatesInternal'])]: draw.pick(teams).role,
  });
  for (let at = 0; at < 12; at += 1) {
    const inner = at >= 6 ? [{ group: `Gruppe ${draw.below(6)}` }] : [];
    const members = [...people(2 + draw.below(8)), ...(draw.chance(50) ? [role()] : []), ...inner];
    change({ group: { name: `Gruppe ${at}`, includeBosses: draw.chance(60), members } });
  }
  for (const name of QUEUES)
    change({ group: { name, type: 'Queue', members: [...people(4), role(), { group: `Gruppe ${draw.below(12)}` }] } });
}

/** What the world does not have: leads, cases and tasks, many of them owned by queues. */
function makeRecords(org: Org, draw: Draw): void {
  const { state } = org.sharing;
  const queues = state.groups.filter(({ type }) => type === 'Queue').map(({ id }) => id);
  const owner = (): string => (draw.chance(35) ? draw.pick(queues) : draw.pick(org.users).id);
  const some = (object: string): string => org.table(object).id(draw.below(org.table(object).baseCount()));
  const make = (object: string, fields: Input): void => {
    mutate(org, { op: 'create', object, fields });
  };
  for (let at = 0; at < 120; at += 1) {
    make('Lead', {
      LastName: `Interessent ${at}`,
      Company: `Firma ${at}`,
      OwnerId: owner(),
      LeadSource: draw.pick(['Web', 'Other']),
    });
    const account = draw.chance(80) ? { AccountId: some('Account') } : {};
    make('Case', {
      Subject: `Anfrage ${at}`,
      Priority: draw.pick(['High', 'Medium', 'Low']),
      OwnerId: owner(),
      ...account,
    });
    const about = draw.chance(50)
      ? { WhatId: some(draw.pick(['Account', 'Opportunity'])) }
      : { WhoId: some('Contact') };
    make('Task', { Subject: 'Call', OwnerId: draw.pick(org.users).id, ...(draw.chance(85) ? about : {}) });
  }
  for (let at = 0; at < 10; at += 1) make('Campaign', { Name: `Kampagne ${at}`, OwnerId: draw.pick(org.users).id });
  for (let at = 0; at < 10; at += 1) make('Contact', { LastName: `Privat ${at}`, OwnerId: draw.pick(org.users).id });
}

/** Shares by hand and by program, and teams. */
function shareSome(org: Org, change: ChangeCall, draw: Draw): void {
  const groups = org.sharing.state.groups.filter(({ type }) => type === 'Regular').map(({ name }) => ({ group: name }));
  const someone = (): unknown => (draw.chance(70) ? draw.pick(org.users).username : draw.pick(groups));
  const some = (object: string): string => org.table(object).id(draw.below(org.table(object).rowCount()));
  const level = (): string => draw.pick(['None', 'Read']);
  for (let at = 0; at < 60; at += 1) {
    const object = draw.pick(['Account', 'Opportunity', 'Case', 'Lead', 'Vertrag__c']);
    const below = object === 'Account' ? { opportunity: level(), case: level() } : {};
    change({ share: { object, id: some(object), to: someone(), access: draw.pick(['Read', 'Edit']), ...below } });
    if (at % 4 === 0)
      change({ share: { object: 'Vertrag__c', id: some('Vertrag__c'), to: someone(), reason: 'Projekt__c' } });
    const team = draw.pick(['Account', 'Opportunity', 'Case'] as const);
    const levels = team === 'Account' ? { opportunity: level(), case: level() } : {};
    change({ team: { object: team, id: some(team), user: draw.pick(org.users).username, ...levels } });
  }
}
