import { ControlError } from '../../kit/index.ts';
import type { Org } from '../org.ts';
import { rawOf } from '../orm/env.ts';
import { GROUPS } from '../schema/model.ts';
import { ids } from '../security/rights.ts';
import { groupKey } from '../security/groups.ts';
import { groupsField } from '../security/logins.ts';
import { generate } from './generate.ts';
import { add, addCompany, addUser, companyNamed, FIRST_COMPANY, groupNamed, put, userNamed } from './people.ts';
import { listOf, putAccess, putRule, removeRule, restrictField } from './rights.ts';

type Given = Readonly<Record<string, unknown>>;

/**
 * Who sees what, changed past the API: `{generate: {users, seed}}`, and one or
 * more of `newUser`, `user` (with `groups`, `addGroups`, `removeGroups`,
 * `company`, `companies`, `active`), `group`, `company`, `rule`, `removeRule`,
 * `access`, `field`. Answers the state.
 */
export function sharing(org: Org, given: Given): unknown {
  const { user, ...others } = given;
  const changes = ['groups', 'addGroups', 'removeGroups', 'company', 'companies', 'active'];
  const ofUser = user === undefined ? [] : changes.filter((name) => name in others);
  for (const [name, value] of Object.entries(others)) {
    if (ofUser.includes(name)) continue;
    const act = ACTIONS[name];
    if (act === undefined)
      throw new ControlError(`sharing knows ${Object.keys(ACTIONS).join(', ')}, user; not ${name}`);
    if (typeof value !== 'object' || value === null) throw new ControlError(`${name} must be an object`);
    act(org, value as Given);
  }
  if (user !== undefined) changeUser(org, user, others);
  return state(org);
}

const ACTIONS: Readonly<Record<string, (org: Org, given: Given) => void>> = {
  generate,
  newUser,
  group: (org, { name, implies = [GROUPS.user] }) => {
    const implied_ids = listOf(implies).map((each) => groupNamed(org, each));
    const known = [...org.table('res.groups').ids({ order: 'id' })].find(
      (id) => rawOf(org, 'res.groups', id, 'name') === name,
    );
    if (known === undefined) add(org, 'res.groups', { name: String(name), implied_ids });
    else put(org, 'res.groups', known, { implied_ids });
  },
  company: (org, { name }) => {
    addCompany(org, String(name));
  },
  rule: putRule,
  removeRule,
  access: putAccess,
  field: restrictField,
};

function newUser(org: Org, given: Given): void {
  const { name, login, groups = [GROUPS.user], company = FIRST_COMPANY } = given;
  if (typeof name !== 'string' || typeof login !== 'string')
    throw new ControlError('newUser wants {name, login, groups?}');
  if (org.logins().some((each) => each.login === login)) throw new ControlError(`there is a user ${login} already`);
  const home = companyNamed(org, company);
  addUser(org, {
    name,
    login,
    groups: listOf(groups).map((group) => groupNamed(org, group)),
    company: home,
    companies: [home, ...listOf(given['companies'] ?? []).map((each) => companyNamed(org, each))],
    active: true,
  });
}

function changeUser(org: Org, user: unknown, given: Given): void {
  const { uid, companyIds } = userNamed(org, user);
  const field = groupsField(org);
  const named = (name: string): readonly number[] => listOf(given[name] ?? []).map((group) => groupNamed(org, group));
  const before = given['groups'] === undefined ? ids(rawOf(org, 'res.users', uid, field)) : named('groups');
  const removed = named('removeGroups');
  const groups = [...new Set([...before, ...named('addGroups')])].filter((id) => !removed.includes(id));
  const { company, companies, active } = given;
  const home = company === undefined ? {} : { company_id: companyNamed(org, company) };
  const all = companies === undefined ? companyIds : listOf(companies).map((each) => companyNamed(org, each));
  put(org, 'res.users', uid, {
    [field]: groups,
    company_ids: [...new Set([...Object.values(home), ...all])],
    ...home,
    ...(typeof active === 'boolean' ? { active } : {}),
  });
}

function state(org: Org): unknown {
  const rows = (model: string, names: readonly string[]) =>
    [...org.table(model).ids({ order: 'id' })].map((id) => ({
      id,
      ...Object.fromEntries(names.map((name) => [name, rawOf(org, model, id, name)])),
    }));
  return {
    users: org.logins().map(({ uid, login, active, groups, companyIds }) => ({
      id: String(uid),
      username: login,
      active,
      groups: [...groups],
      companies: companyIds,
    })),
    groups: rows('res.groups', ['name', 'implied_ids']).map((row) => ({ ...row, key: groupKey(row.id) })),
    companies: rows('res.company', ['name']),
    rules: rows('ir.rule', ['name', 'model_name', 'groups', 'domain_force', 'active']),
  };
}
