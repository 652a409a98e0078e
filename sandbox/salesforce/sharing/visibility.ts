import type { SandboxUser } from '../../kit/index.ts';
import type { FieldDef } from '../schema/field.ts';
import type { ObjectDef } from '../schema/object.ts';
import type { Schema } from '../schema/schema.ts';
import { isLonely } from './grants.ts';
import { CHILDREN_OF_ACCOUNT, isActivity, masterField } from './objects.ts';
import type { Reach } from './reach.ts';
import type { Records } from './records.ts';
import type { Rights } from './rights.ts';
import type { ShareStore } from './share-store.ts';
import type { Model, SharingState } from './state.ts';

/** Numbers of the records that somebody is shown; `all`: every one. */
export type Shown = 'all' | ReadonlySet<number>;

export interface Visibility {
  /** Restriction rules apart. */
  shown(user: SandboxUser, object: string): Shown;
}

export interface VisibilityParts {
  readonly state: SharingState;
  readonly schema: Schema;
  readonly records: Records;
  readonly reach: () => Reach;
  readonly rights: Rights;
  readonly shares: ShareStore;
  model(object: string): Model;
}

const NOBODY: ReadonlySet<number> = new Set();

/**
 * The request path's answer to who sees which records: sets of records by
 * grantee, joined over the grantees that reach the user, kept until anything
 * changes.
 */
export function createVisibility(parts: VisibilityParts): Visibility {
  const { state, schema, records, rights, shares, model } = parts;
  const once = createMemo(shares);
  const collect = (object: string, keep: (row: number) => boolean): ReadonlySet<number> => {
    const rows = new Set<number>();
    for (let row = 0; row < records.count(object); row += 1) if (keep(row)) rows.add(row);
    return rows;
  };
  const isOwn = (user: SandboxUser, object: string, row: number): boolean => records.owner(object, row) === user.id;

  /** By default, ownership, hierarchy and sharing alone: what an object's "View All" adds is left out. */
  const byRecord = (user: SandboxUser, object: ObjectDef): Shown =>
    once(`${user.id} ${object.name}`, () => {
      const master = masterField(object);
      if (master !== undefined) return below(user, object, master);
      const kind = model(object.name);
      if (kind === 'ReadWrite' || kind === 'Read') {
        if (object.name !== 'Contact' || !state.models.has('Contact')) return 'all';
        return collect('Contact', (row) => !isLonely(records, 'Contact', row) || isOwn(user, 'Contact', row));
      }
      if (isActivity(object.name)) return activities(user, object);
      return kind === 'Private' ? byGrants(parts, user, object.name) : belowAccount(user, object);
    });
  /** Details, each of the master that the user is shown. */
  const below = (user: SandboxUser, object: ObjectDef, master: FieldDef): Shown => {
    const parent = schema.object(master.referenceTo[0] ?? '');
    const parents = parent === undefined ? NOBODY : byRecord(user, parent);
    if (parents === 'all') return 'all';
    return collect(object.name, (row) => {
      const place = records.parent(object.name, row, master.storage);
      return place !== null && parents.has(place.row);
    });
  };
  /** Contacts of accounts that the user is shown, and the user's own without account. */
  const belowAccount = (user: SandboxUser, object: ObjectDef): Shown => {
    const account = schema.object('Account');
    const accounts = account === undefined ? NOBODY : byRecord(user, account);
    return collect(object.name, (row) => {
      const parent = records.parent(object.name, row, 'AccountId');
      return parent === null ? isOwn(user, object.name, row) : has(accounts, parent.row);
    });
  };
  const activities = (user: SandboxUser, object: ObjectDef): Shown => {
    const owners = granteesOf(parts, user, object.name);
    return collect(object.name, (row) => {
      const owner = records.owner(object.name, row);
      if (owner !== null && owners.has(owner)) return true;
      return ['WhatId', 'WhoId'].some((storage) => {
        const parent = records.parent(object.name, row, storage);
        const def = parent === null ? undefined : schema.object(parent.object);
        return parent !== null && def !== undefined && has(shown(user, def), parent.row);
      });
    });
  };
  const shown = (user: SandboxUser, object: ObjectDef): Shown => {
    const right = user.active ? rights.objectRight(user, object) : 'none';
    if (right === 'none') return NOBODY;
    return right === 'read' ? byRecord(user, object) : 'all';
  };
  return {
    shown: (user, name) => {
      const object = schema.object(name);
      return object === undefined ? NOBODY : shown(user, object);
    },
  };
}

/** Keeps answers until a record or the setup changes. */
function createMemo(shares: ShareStore): (key: string, make: () => Shown) => Shown {
  const kept = new Map<string, Shown>();
  let version = -1;
  return (key, make) => {
    const now = shares.version();
    if (now !== version) kept.clear();
    version = now;
    const fresh = kept.get(key) ?? make();
    kept.set(key, fresh);
    return fresh;
  };
}

function granteesOf({ state, reach }: VisibilityParts, user: SandboxUser, object: string): ReadonlySet<string> {
  return reach().of(user.id, !state.withoutHierarchy.has(object));
}

/** Records of a private object that somebody is given by share rows: the record's own, or its account's. */
function byGrants(parts: VisibilityParts, user: SandboxUser, object: string): ReadonlySet<number> {
  const { records, shares } = parts;
  const rows = new Set<number>();
  const table = shares.rows(object);
  for (const grantee of granteesOf(parts, user, object)) {
    for (const row of table.recordsOf(grantee).keys())
      if (!isLonely(records, object, row) || records.owner(object, row) === user.id) rows.add(row);
  }
  const level = CHILDREN_OF_ACCOUNT[object];
  if (level === undefined) return rows;
  const accounts = shares.rows('Account');
  for (const grantee of granteesOf(parts, user, 'Account')) {
    for (const account of accounts.recordsOf(grantee).keys()) {
      if (!accounts.of(account).some((one) => one.to === grantee && one.children[level] !== 'None')) continue;
      for (const row of shares.childrenOf(account, object)) rows.add(row);
    }
  }
  return rows;
}

export function has(shown: Shown, row: number): boolean {
  return shown === 'all' || shown.has(row);
}
