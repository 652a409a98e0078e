import type { Reach } from './reach.ts';
import type { Records } from './records.ts';
import { ruleApplies } from './rules.ts';
import { NO_CHILDREN, type Access, type ChildLevels, type Model, type SharingState } from './state.ts';

/** Why somebody is given access to a record, as a share row tells it. */
export interface Grant {
  /** Id of a user or group. */
  readonly to: string;
  /** RowCause. */
  readonly cause: string;
  readonly access: Access | 'All';
  /** Of accounts: what it gives for records below. */
  readonly children: ChildLevels;
}

/** Everything but implicit sharing that gives somebody access to single records. */
export interface GrantReader {
  /** Owner, rules, shares by hand or program, teams: at most one of each cause for each grantee. */
  own(object: string, row: number): readonly Grant[];
}

export interface GrantParts {
  readonly state: SharingState;
  readonly records: Records;
  readonly reach: () => Reach;
  model(object: string): Model;
}

export function createGrantReader({ state, records, reach, model }: GrantParts): GrantReader {
  return {
    own: (object, row) => {
      const owner = records.owner(object, row);
      const grants: Grant[] = [];
      if (owner !== null)
        grants.push({ to: owner, cause: 'Owner', access: 'All', children: childrenOfOwner(state, object, owner) });
      // Public objects and details have no shares beyond ownership, and a contact without account has none ever.
      const shared = model(object) === 'Private' || model(object) === 'Read' || object === 'Account';
      if (!shared || isLonely(records, object, row)) return grants;
      const id = records.id(object, row);
      const record = { owner, read: (storage: string) => records.value(object, row, storage) };
      for (const rule of state.rules) {
        if (rule.object === object && ruleApplies(rule, record, reach()))
          grants.push({ to: rule.to, cause: 'Rule', access: rule.access, children: rule.children });
      }
      for (const share of state.shares.get(id) ?? [])
        grants.push({ to: share.to, cause: share.reason, access: share.access, children: share.children });
      for (const member of state.team.get(id) ?? [])
        grants.push({ to: member.user, cause: 'Team', access: member.access, children: member.children });
      return compressed(grants);
    },
  };
}

/** A contact without account is its owner's alone. Help, "Considerations for Sharing and Accessing Contacts". */
export function isLonely(records: Records, object: string, row: number): boolean {
  return object === 'Contact' && records.parent(object, row, 'AccountId') === null;
}

/** What the role of an account's owner gives for the records below. */
function childrenOfOwner(state: SharingState, object: string, owner: string): ChildLevels {
  if (object !== 'Account') return NO_CHILDREN;
  const user = state.users.find((one) => one.id === owner);
  const role = user === undefined ? null : (state.assignments.get(user.username)?.role ?? null);
  return state.roles.find((one) => one.name === role)?.children ?? NO_CHILDREN;
}

const STRENGTH = { Read: 0, Edit: 1, All: 2 } as const;
const CHILD_STRENGTH = { None: 0, Read: 1, Edit: 2 } as const;

/**
 * One grant for each grantee and cause, the strongest; of `Owner`, `Manual`
 * and `ImplicitParent` one for all three. Object Reference, "AccountShare".
 */
export function compressed(grants: readonly Grant[]): readonly Grant[] {
  const kept = new Map<string, Grant>();
  for (const grant of grants) {
    const alike = grant.cause === 'Owner' || grant.cause === 'Manual' || grant.cause === 'ImplicitParent';
    const key = `${grant.to} ${alike ? '' : grant.cause}`;
    const known = kept.get(key);
    kept.set(key, known === undefined ? grant : stronger(known, grant));
  }
  return [...kept.values()];
}

function stronger(a: Grant, b: Grant): Grant {
  const top = STRENGTH[b.access] > STRENGTH[a.access] ? b : a;
  const level = (name: keyof ChildLevels) =>
    CHILD_STRENGTH[b.children[name]] > CHILD_STRENGTH[a.children[name]] ? b.children[name] : a.children[name];
  return {
    ...top,
    children: { opportunity: level('opportunity'), case: level('case'), contact: level('contact') },
  };
}
