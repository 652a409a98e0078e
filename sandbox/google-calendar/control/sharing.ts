import { ControlError } from '../../kit/index.ts';
import { ruleId, SCOPE_TYPES, type Scope } from '../access/acl.ts';
import { ACCESS_ROLES, roleNamed } from '../access/roles.ts';
import type { Account } from '../account.ts';
import { changeGroup, changeRule } from '../sharing.ts';
import { generate } from './generate.ts';

type Given = Readonly<Record<string, unknown>>;

/**
 * Who sees what, changed past the API: `{generate: {users, seed}}`, and one or
 * more of `rule` ({calendar, scope: {type, value?}, role}), `group` ({address,
 * members}), and `user` with `active`. Answers the state.
 */
export function sharing(account: Account, given: Given): unknown {
  const { user, active, ...others } = given;
  for (const [name, value] of Object.entries(others)) {
    const act = ACTIONS[name];
    if (act === undefined)
      throw new ControlError(`sharing knows ${Object.keys(ACTIONS).join(', ')}, user; not ${name}`);
    if (typeof value !== 'object' || value === null) throw new ControlError(`${name} must be an object`);
    act(account, value as Given);
  }
  if (user !== undefined) {
    if (typeof active !== 'boolean') throw new ControlError('user wants {user, active: true or false}');
    account.people.setActive(personNamed(account, user), active);
  }
  return state(account);
}

const ACTIONS: Readonly<Record<string, (account: Account, given: Given) => void>> = {
  generate,
  rule: (account, { calendar: id, scope, role: wanted }) => {
    const calendar = account.directory.find(String(id));
    if (calendar === null) throw new ControlError(`there is no calendar ${String(id)}`);
    const role = roleNamed(wanted);
    if (role === null) throw new ControlError(`role must be one of ${ACCESS_ROLES.join(', ')}`);
    changeRule(account, calendar, scopeGiven(scope), role);
  },
  group: (account, { address, members }) => {
    if (typeof address !== 'string' || !Array.isArray(members))
      throw new ControlError('group wants {address, members: [address of a person or a group, ...]}');
    changeGroup(
      account,
      address.toLowerCase(),
      members.map((member) => String(member).toLowerCase()),
    );
  },
};

function scopeGiven(given: unknown): Scope {
  const { type, value } = (typeof given === 'object' && given !== null ? given : {}) as Given;
  const known = SCOPE_TYPES.find((each) => each === type);
  if (known === 'default') return { type: known, value: null };
  if (known === undefined || typeof value !== 'string')
    throw new ControlError(`scope wants {type: ${SCOPE_TYPES.join(' | ')}, value}`);
  return { type: known, value: value.toLowerCase() };
}

export function personNamed(account: Account, given: unknown): number {
  const found = account.people.signIn().findIndex(({ username, id }) => username === given || id === given);
  if (found < 0) throw new ControlError(`no user ${String(given)}`);
  return found;
}

function state(account: Account): unknown {
  return {
    users: account.people.signIn().map(({ id, username, active }, index) => ({
      id,
      username,
      active,
      team: account.people.at(index).team,
    })),
    groups: Object.fromEntries(account.directory.groups.all()),
    calendars: account.directory.calendars().map((calendar) => ({
      id: calendar.id,
      rules: account.directory.rules(calendar).map(({ scope, role }) => ({ id: ruleId(scope), role })),
    })),
  };
}
