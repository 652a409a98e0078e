import type { SandboxUser } from '../../kit/index.ts';
import type { ObjectDef } from '../schema/object.ts';
import type { Schema } from '../schema/schema.ts';
import { oraclePeople, type OraclePeople } from './oracle-people.ts';
import { masterOf, oracleRights, type OracleRights } from './oracle-rights.ts';
import { isMet } from './oracle-rules.ts';
import type { Records } from './records.ts';
import type { ChildLevels, Model, SharingState } from './state.ts';

/** What the specification says of one user, record by record. */
export interface Oracle extends OracleRights {
  canRead(object: ObjectDef, row: number): boolean;
}

export interface OracleParts {
  readonly state: SharingState;
  readonly schema: Schema;
  readonly records: Records;
  model(object: string): Model;
}

const CHILDREN: Readonly<Record<string, keyof ChildLevels>> = {
  Opportunity: 'opportunity',
  Case: 'case',
  Contact: 'contact',
};

/**
 * Reads docs/salesforce-sharing.md as it is written, rule after rule, one
 * record at a time, from what was set up. It shares nothing with the request
 * path but the records themselves: no share rows, no closures of groups, no
 * caches that outlive it. For checking one against the other.
 */
export function createOracle(parts: OracleParts, user: SandboxUser): Oracle {
  const { state, schema, records, model } = parts;
  const people = oraclePeople(state, user);
  const rights = oracleRights(state, schema, user);
  const granted = grantsTo(parts, people);
  const above = accountsAbove(parts, people, granted);

  /** Section "Records", by sharing alone, whatever "View All" of the object says. */
  const shared = (object: ObjectDef, row: number): boolean => {
    const { name } = object;
    const detailOf = masterOf(object);
    const master = schema.object(detailOf?.referenceTo[0] ?? '');
    if (detailOf !== undefined) {
      const parent = records.parent(name, row, detailOf.storage);
      return master !== undefined && (parent === null ? isOpen(parts, master) : shared(master, parent.row));
    }
    const owner = records.owner(name, row);
    const ofNobodyElse = isAlone(parts, name, row) && (state.models.has('Contact') || model(name) !== 'ReadWrite');
    if (ofNobodyElse) return owner === user.id;
    if (name === 'Task' || name === 'Event') {
      if (model(name) === 'ReadWrite' || people.meant(owner, true)) return true;
      return ['WhatId', 'WhoId'].some((storage) => {
        const parent = records.parent(name, row, storage);
        const about = parent === null ? undefined : schema.object(parent.object);
        return parent !== null && about !== undefined && canRead(about, parent.row);
      });
    }
    if (model(name) === 'ReadWrite' || model(name) === 'Read') return true;
    const account = name === 'Account' ? null : records.parent(name, row, 'AccountId');
    const accounts = schema.object('Account');
    if (model(name) === 'ControlledByParent')
      return account !== null && accounts !== undefined && shared(accounts, account.row);
    if (granted(name, row)) return true;
    if (name === 'Account') return above().has(row);
    const child = CHILDREN[name];
    if (child === undefined || account === null || records.isDeleted(name, row)) return false;
    return granted('Account', account.row, child);
  };
  const canRead = (object: ObjectDef, row: number): boolean =>
    user.active && rights.canReadObject(object) && (rights.viewsAll(object) || shared(object, row));
  return { ...rights, canRead };
}

type Granted = (object: string, row: number, child?: keyof ChildLevels) => boolean;

/** Section "Grants": ownership, rules, shares and teams; `child`: only those that give records of that kind below. */
function grantsTo({ state, records, model }: OracleParts, people: OraclePeople): Granted {
  return (object, row, child) => {
    const meant = (grantee: string | null): boolean => people.meant(grantee, !state.withoutHierarchy.has(object));
    const enough = (children: ChildLevels): boolean => child === undefined || children[child] !== 'None';
    const owner = records.owner(object, row);
    const role = owner === null ? undefined : state.roles.find(({ name }) => name === people.roleOf(owner));
    if ((child === undefined || (role !== undefined && enough(role.children))) && meant(owner)) return true;
    const closed = ['Private', 'Read'].includes(model(object)) || object === 'Account';
    if (!closed || isAlone({ records }, object, row)) return false;
    const id = records.id(object, row);
    const byHand = (state.shares.get(id) ?? []).some((share) => enough(share.children) && meant(share.to));
    const byTeam = (state.team.get(id) ?? []).some((member) => enough(member.children) && meant(member.user));
    if (byHand || byTeam) return true;
    return state.rules.some(
      ({ object: name, children, to, from }) =>
        name === object &&
        enough(children) &&
        meant(to) &&
        (from.kind === 'criteria'
          ? from.all.every((one) => isMet(one, records.value(object, row, one.storage)))
          : owner !== null && (owner === from.group || people.belongs(owner, from.group))),
    );
  };
}

/** Section "Implicit sharing": accounts of records that belong to the user or are shared with it. */
function accountsAbove({ records, model }: OracleParts, people: OraclePeople, granted: Granted) {
  let known: ReadonlySet<number> | null = null;
  const find = (): ReadonlySet<number> => {
    const accounts = new Set<number>();
    for (const object of Object.keys(CHILDREN)) {
      const closed = ['Private', 'Read'].includes(model(object));
      for (let row = 0; row < records.count(object); row += 1) {
        const account = records.isDeleted(object, row) ? null : records.parent(object, row, 'AccountId');
        const gives = closed ? granted(object, row) : people.meant(records.owner(object, row), true);
        if (account !== null && gives) accounts.add(account.row);
      }
    }
    return accounts;
  };
  return (): ReadonlySet<number> => (known ??= find());
}

/** A contact without account. */
function isAlone({ records }: Pick<OracleParts, 'records'>, object: string, row: number): boolean {
  return object === 'Contact' && records.parent(object, row, 'AccountId') === null;
}

function isOpen(parts: OracleParts, object: ObjectDef): boolean {
  const detailOf = masterOf(object);
  const master = parts.schema.object(detailOf?.referenceTo[0] ?? '');
  if (detailOf !== undefined) return master === undefined || isOpen(parts, master);
  return ['ReadWrite', 'Read'].includes(parts.model(object.name));
}
