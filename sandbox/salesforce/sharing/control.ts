import { ControlError } from '../../kit/index.ts';
import type { Org } from '../org.ts';
import {
  access,
  childLevels,
  criteria,
  fieldKey,
  findUser,
  list,
  objectName,
  oneOf,
  record,
  targetId,
  text,
  type Input,
} from './control-input.ts';
import { generate } from './generate.ts';
import { addGroup, addRole, addSet } from './initial-state.ts';
import { isActivity, isShareable, masterField } from './objects.ts';
import { assignUser, describeState } from './control-users.ts';
import { MODELS, NO_CHILDREN, noteChange, OBJECT_RIGHTS, WRITE_RIGHTS, type RightSet } from './state.ts';

/**
 * What administrators, owners and programs do about who sees what, by the
 * control API; the forms are in the sandbox's README. Returns what is in force.
 */
export function changeSharing(org: Org, input: Input): unknown {
  const { state } = org.sharing;
  const nowMs = org.clock.now().getTime();
  const form = FORMS.find(([name]) => input[name] !== undefined);
  if (form === undefined) {
    if (Object.keys(input).length > 0)
      throw new ControlError(`sharing wants one of ${FORMS.map(([name]) => name).join(', ')}, or nothing`);
    return describeState(org);
  }
  const answer = form[1](org, input, nowMs);
  noteChange(state, nowMs);
  return answer;
}

type Change = (org: Org, input: Input, nowMs: number) => unknown;

/** In this order: of several names in one input the first says what is meant. */
const FORMS: readonly (readonly [name: string, change: Change])[] = [
  [
    'generate',
    (org, input) => generate(org, record(input['generate'], 'generate'), (form) => changeSharing(org, form)),
  ],
  ['share', changeShare],
  ['unshare', (org, input) => removeShare(org, record(input['unshare'], 'unshare'))],
  ['team', changeTeam],
  ['leaveTeam', (org, input) => leaveTeam(org, record(input['leaveTeam'], 'leaveTeam'))],
  ['rule', changeRule],
  ['removeRule', (org, input) => removeRule(org, text(input['removeRule'], 'removeRule'))],
  ['group', changeGroup],
  ['permissionSet', (org, input) => changeSet(org, record(input['permissionSet'], 'permissionSet'), false)],
  ['shares', (org, input) => changeKept(org, record(input['shares'], 'shares'))],
  // A role, or a profile, that a user is given is a text.
  ['user', (org, input, nowMs) => assignUser(org, input, nowMs)],
  ['role', changeRole],
  ['profile', (org, input) => changeSet(org, record(input['profile'], 'profile'), true)],
  ['object', changeModel],
];

function changeModel(org: Org, input: Input): unknown {
  const { state } = org.sharing;
  const name = objectName(org.schema, input['object']);
  const object = org.schema.object(name);
  if (object === undefined || masterField(object) !== undefined)
    throw new ControlError(`${name} is a detail: always controlled by its parent`);
  if (input['hierarchy'] !== undefined) {
    if (object.sort !== 'custom') throw new ControlError('standard objects always grant access by hierarchies');
    if (input['hierarchy'] === true) state.withoutHierarchy.delete(name);
    else state.withoutHierarchy.add(name);
  }
  if (input['model'] !== undefined) {
    const model = oneOf(input['model'], MODELS, 'model');
    if (model === 'ControlledByParent' && name !== 'Contact' && !isActivity(name))
      throw new ControlError(`${name} has no parent that could control it`);
    if (!isShareable(object) && !isActivity(name)) throw new ControlError(`${name} has no sharing model`);
    state.models.set(name, model);
  }
  return { object: name, model: org.sharing.model(name), hierarchy: !state.withoutHierarchy.has(name) };
}

function changeRole(org: Org, input: Input, nowMs: number): unknown {
  const { state } = org.sharing;
  const given = record(input['role'], 'role');
  const name = text(given['name'], 'name of a role');
  const names = state.roles.map((role) => role.name);
  const parent =
    given['parent'] === undefined || given['parent'] === null ? null : oneOf(given['parent'], names, 'parent');
  if (!state.roles.some((role) => role.name === name)) addRole(state, { name, parent: null }, nowMs);
  const role = state.roles.find((one) => one.name === name);
  if (role === undefined) throw new Error(`role ${name} was not made`);
  if (given['parent'] !== undefined) {
    for (let at: string | null = parent; at !== null; at = state.roles.find((one) => one.name === at)?.parent ?? null)
      if (at === name) throw new ControlError(`${name} would stand above itself`);
    role.parent = parent;
  }
  role.children = childLevels(given, role.children);
  role.modifiedMs = nowMs;
  return role;
}

function changeGroup(org: Org, input: Input, nowMs: number): unknown {
  const { state } = org.sharing;
  const given = record(input['group'], 'group');
  const name = text(given['name'], 'name of a group');
  const type = oneOf(given['type'] ?? 'Regular', ['Regular', 'Queue'], 'type');
  if (!state.groups.some((group) => group.type === type && group.name === name))
    addGroup(state, { name, type, role: null }, nowMs);
  const group = state.groups.find((one) => one.type === type && one.name === name);
  if (group === undefined) throw new Error(`group ${name} was not made`);
  if (typeof given['includeBosses'] === 'boolean') group.includeBosses = given['includeBosses'];
  const ids = (key: string): readonly string[] => list(given[key] ?? [], key).map((target) => targetId(state, target));
  if (given['members'] !== undefined) {
    const wanted = new Set(ids('members'));
    for (const member of group.members.keys()) if (!wanted.has(member)) group.members.delete(member);
    for (const member of wanted) if (!group.members.has(member)) group.members.set(member, nowMs);
  }
  for (const member of ids('add')) if (!group.members.has(member)) group.members.set(member, nowMs);
  for (const member of ids('remove')) group.members.delete(member);
  group.modifiedMs = nowMs;
  return { ...group, members: [...group.members.keys()] };
}

function changeRule(org: Org, input: Input): unknown {
  const { state } = org.sharing;
  const given = record(input['rule'], 'rule');
  const name = text(given['name'], 'name of a rule');
  const object = objectName(org.schema, given['object']);
  const to = targetId(state, given['to']);
  if (to.startsWith('005')) throw new ControlError('a rule shares with groups and roles, not with a user');
  const from =
    given['where'] === undefined
      ? ({ kind: 'owners', group: targetId(state, given['from']) } as const)
      : ({ kind: 'criteria', all: criteria(org.schema, object, given['where']) } as const);
  const rule = { name, object, from, to, access: access(given['access']), children: childLevels(given, NO_CHILDREN) };
  removeRule(org, name);
  state.rules.push(rule);
  return rule;
}

function removeRule(org: Org, name: string): unknown {
  const { rules } = org.sharing.state;
  const at = rules.findIndex((rule) => rule.name === name);
  if (at >= 0) rules.splice(at, 1);
  return { removed: at >= 0 ? 1 : 0 };
}

/** Object and full id of a record that an input names. */
function recordOf(org: Org, given: Input): { readonly object: string; readonly id: string } {
  const object = objectName(org.schema, given['object']);
  const row = org.table(object).rowOf(text(given['id'], 'id'));
  if (row === null) throw new ControlError(`no ${object} ${String(given['id'])}`);
  return { object, id: org.table(object).id(row) };
}

function changeShare(org: Org, input: Input): unknown {
  const { state } = org.sharing;
  const given = record(input['share'], 'share');
  const { object, id } = recordOf(org, given);
  const reason = given['reason'] === undefined ? 'Manual' : text(given['reason'], 'reason');
  if (reason !== 'Manual' && !(object.endsWith('__c') && reason.endsWith('__c')))
    throw new ControlError('a reason is Manual, or of custom objects an Apex sharing reason such as Projekt__c');
  const to = targetId(state, given['to']);
  const share = { to, reason, access: access(given['access']), children: childLevels(given, NO_CHILDREN) };
  const others = (state.shares.get(id) ?? []).filter((one) => one.to !== to || one.reason !== reason);
  state.shares.set(id, [...others, share]);
  return { object, id, ...share };
}

function removeShare(org: Org, given: Input): unknown {
  const { state } = org.sharing;
  const { id } = recordOf(org, given);
  const to = targetId(state, given['to']);
  const reason = given['reason'] ?? 'Manual';
  const before = state.shares.get(id) ?? [];
  const after = before.filter((one) => one.to !== to || one.reason !== reason);
  state.shares.set(id, after);
  return { removed: before.length - after.length };
}

function changeTeam(org: Org, input: Input): unknown {
  const { state } = org.sharing;
  const given = record(input['team'], 'team');
  const { object, id } = recordOf(org, given);
  oneOf(object, ['Account', 'Opportunity', 'Case'], 'object of a team');
  const user = findUser(state, given['user']).id;
  const member = { user, access: access(given['access']), children: childLevels(given, NO_CHILDREN) };
  state.team.set(id, [...(state.team.get(id) ?? []).filter((one) => one.user !== user), member]);
  return { object, id, ...member };
}

function leaveTeam(org: Org, given: Input): unknown {
  const { state } = org.sharing;
  const { id } = recordOf(org, given);
  const user = findUser(state, given['user']).id;
  const before = state.team.get(id) ?? [];
  state.team.set(
    id,
    before.filter((one) => one.user !== user),
  );
  return { removed: before.length - (state.team.get(id)?.length ?? 0) };
}

function changeSet(org: Org, given: Input, isProfile: boolean): unknown {
  const { state } = org.sharing;
  const name = text(given['name'], 'name');
  const known = state.sets.find((set) => set.isProfile === isProfile && set.name === name);
  const set: RightSet =
    known ??
    addSet(state, { name, isProfile, fieldBase: isProfile ? 'all' : 'none', others: isProfile ? 'read' : 'none' });
  for (const [object, right] of Object.entries(record(given['objects'] ?? {}, 'objects')))
    set.objects.set(objectName(org.schema, object), oneOf(right, OBJECT_RIGHTS, 'right to an object'));
  for (const [object, rights] of Object.entries(record(given['writes'] ?? {}, 'writes'))) {
    const chosen = new Set(list(rights, 'writes').map((right) => oneOf(right, WRITE_RIGHTS, 'right to write')));
    if (chosen.has('delete') && !chosen.has('edit')) throw new ControlError('delete takes edit');
    set.writes.set(objectName(org.schema, object), chosen);
  }
  const fields = (key: string): readonly string[] =>
    Object.entries(record(given[key] ?? {}, key)).flatMap(([object, names]) =>
      list(names, key).map((field) => fieldKey(org.schema, objectName(org.schema, object), field)),
    );
  // Profiles name what they hide, permission sets what they show.
  const hides = set.fieldBase === 'all';
  for (const field of fields(hides ? 'hideFields' : 'showFields')) set.fields.add(field);
  for (const field of fields(hides ? 'showFields' : 'hideFields')) set.fields.delete(field);
  for (const field of fields('readOnlyFields')) set.readOnly.add(field);
  for (const field of fields('editableFields')) set.readOnly.delete(field);
  if (typeof given['editActivities'] === 'boolean') set.editActivities = given['editActivities'];
  if (typeof given['viewAllData'] === 'boolean') set.viewAllData = given['viewAllData'];
  if (typeof given['modifyAllData'] === 'boolean') set.modifyAllData = given['modifyAllData'];
  if (typeof given['viewSetup'] === 'boolean') set.viewSetup = given['viewSetup'];
  return {
    name,
    isProfile,
    objects: Object.fromEntries(set.objects),
    fields: [...set.fields],
    readOnly: [...set.readOnly],
    viewAllData: set.viewAllData,
  };
}

function changeKept(org: Org, given: Input): unknown {
  const { state } = org.sharing;
  if (typeof given['keepRemoved'] === 'boolean') state.keepRemoved = given['keepRemoved'];
  if (typeof given['implicitChild'] === 'boolean') state.implicitChild = given['implicitChild'];
  return { keepRemoved: state.keepRemoved, implicitChild: state.implicitChild };
}
