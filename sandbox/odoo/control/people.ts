import { ControlError } from '../../kit/index.ts';
import { COMPANY_ID, CURRENCY, uidOf } from '../content/ids.ts';
import type { Org } from '../org.ts';
import { rawOf } from '../orm/env.ts';
import type { Raw } from '../schema/field.ts';
import { GROUP_ROWS, groupId } from '../security/groups.ts';
import { groupsField, type Login } from '../security/logins.ts';

/** Writes past all rights, as an administrator's program on the server would. */
export function put(org: Org, model: string, id: number, values: Readonly<Record<string, Raw>>): void {
  org.table(model).update(id, new Map(Object.entries(values)), { us: org.nowUs(), uid: uidOf(0) });
}

export function add(org: Org, model: string, values: Readonly<Record<string, Raw>>): number {
  return org.table(model).create(new Map(Object.entries(values)), { us: org.nowUs(), uid: uidOf(0) });
}

export interface Newcomer {
  readonly name: string;
  readonly login: string;
  readonly groups: readonly number[];
  readonly company: number;
  readonly companies: readonly number[];
  readonly active: boolean;
  /** A partner that is there already, of a portal user; else one is made. */
  readonly partner?: number;
}

/** A user with password and API key. */
export function addUser(org: Org, given: Newcomer): number {
  const partner =
    given.partner ??
    add(org, 'res.partner', {
      name: given.name,
      email: given.login,
      active: given.active,
      is_company: false,
      parent_id: Number(rawOf(org, 'res.company', given.company, 'partner_id')),
      type: 'contact',
    });
  const uid = add(org, 'res.users', {
    login: given.login,
    partner_id: partner,
    active: given.active,
    company_id: given.company,
    company_ids: given.companies,
    [groupsField(org)]: given.groups,
    share: given.partner !== undefined,
    notification_type: 'email',
  });
  org.enrol(uid);
  return uid;
}

export function addCompany(org: Org, name: string): number {
  const partner = add(org, 'res.partner', { name, is_company: true, active: true, type: 'contact' });
  return add(org, 'res.company', { name, partner_id: partner, currency_id: CURRENCY.EUR });
}

export function userNamed(org: Org, given: unknown): Login {
  const found = org.logins().find(({ uid, login }) => login === given || String(uid) === String(given));
  if (found === undefined) throw new ControlError(`no user ${String(given)}`);
  return found;
}

/** By external id, by name or by number. */
export function groupNamed(org: Org, given: unknown): number {
  const known = GROUP_ROWS.some(({ xmlId }) => xmlId === given) ? groupId(String(given)) : null;
  const ids = [...org.table('res.groups').ids({ order: 'id' })];
  const found = known ?? ids.find((id) => id === given || rawOf(org, 'res.groups', id, 'name') === given);
  if (found === undefined) throw new ControlError(`no group ${String(given)}`);
  return found;
}

export function companyNamed(org: Org, given: unknown): number {
  const ids = [...org.table('res.company').ids({ order: 'id' })];
  const found = ids.find((id) => id === given || rawOf(org, 'res.company', id, 'name') === given);
  if (found === undefined) throw new ControlError(`no company ${String(given)}`);
  return found;
}

export const FIRST_COMPANY = COMPANY_ID;
