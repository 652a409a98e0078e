import type { World } from '../../world/index.ts';
import { portalUid, uidOf } from '../content/ids.ts';
import type { Org } from '../org.ts';
import { rawOf } from '../orm/env.ts';
import { ids } from './rights.ts';

/** A person who can sign in, with the rights that the database gives now. */
export interface Login {
  readonly uid: number;
  readonly partnerId: number;
  readonly login: string;
  readonly password: string;
  readonly name: string;
  readonly active: boolean;
  /** Those that others imply included. */
  readonly groups: ReadonlySet<string>;
  readonly companyId: number;
  readonly companyIds: readonly number[];
}

/** Everybody in `res.users` who has a password; read anew when somebody changed users or groups. */
export function createLogins(org: Org): { readonly all: () => readonly Login[]; enrol(uid: number): void } {
  const passwords = firstPasswords(org.world);
  let known: readonly Login[] = [];
  let read = '';
  return {
    all: () => {
      const now = ['res.users', 'res.groups', 'res.partner'].map((model) => org.table(model).version()).join();
      if (now !== read) {
        known = [...passwords].map(([uid, password]) => loginOf(org, uid, password));
        read = now;
      }
      return known;
    },
    enrol: (uid) => {
      passwords.set(uid, `sandbox-${String(uid)}`);
      read = '';
    },
  };
}

/** The staff in the order of the world, and at the end one customer with access to the portal. */
function firstPasswords(world: World): Map<number, string> {
  const staff = Array.from({ length: world.counts.users }, (_empty, index): readonly [number, string] => [
    uidOf(index),
    index === 0 ? 'admin-sandbox' : `sandbox-${String(index)}`,
  ]);
  return new Map([...staff, [portalUid(world), 'portal-sandbox']]);
}

function loginOf(org: Org, uid: number, password: string): Login {
  const value = (name: string) => rawOf(org, 'res.users', uid, name);
  return {
    uid,
    password,
    partnerId: Number(value('partner_id')),
    login: String(value('login')),
    name: String(value('name')),
    active: org.table('res.users').exists(uid) && value('active') === true,
    groups: org.rights.effective(ids(value(groupsField(org)))),
    companyId: Number(value('company_id')),
    companyIds: ids(value('company_ids')),
  };
}

/** Renamed in 18. */
export function groupsField(org: Pick<Org, 'version'>): 'group_ids' | 'groups_id' {
  return org.version >= 19 ? 'group_ids' : 'groups_id';
}
