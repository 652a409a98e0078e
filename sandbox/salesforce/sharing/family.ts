import { CHILDREN_OF_ACCOUNT } from './objects.ts';
import type { Records } from './records.ts';

/** Which live records belong to which account, as of when they were last placed. */
export interface Family {
  accountOf(object: string, row: number): number | undefined;
  children(account: number, object: string): ReadonlySet<number>;
  /** Puts a record below the account that it has now; returns the accounts concerned, before and after. */
  place(object: string, row: number): readonly number[];
}

export const CHILD_OBJECTS = Object.keys(CHILDREN_OF_ACCOUNT);

export function createFamily(records: Records): Family {
  const byAccount = new Map<string, Map<number, Set<number>>>();
  const byChild = new Map<string, Map<number, number>>();
  const below = (object: string, account: number): Set<number> => {
    const accounts = byAccount.get(object) ?? new Map<number, Set<number>>();
    byAccount.set(object, accounts);
    const rows = accounts.get(account) ?? new Set<number>();
    accounts.set(account, rows);
    return rows;
  };
  return {
    accountOf: (object, row) => byChild.get(object)?.get(row),
    children: (account, object) => below(object, account),
    place: (object, row) => {
      const places = byChild.get(object) ?? new Map<number, number>();
      byChild.set(object, places);
      const before = places.get(row);
      const parent = records.isDeleted(object, row) ? null : records.parent(object, row, 'AccountId');
      if (before !== undefined) below(object, before).delete(row);
      if (parent === null) places.delete(row);
      else {
        places.set(row, parent.row);
        below(object, parent.row).add(row);
      }
      return [before, parent?.row].filter((account) => account !== undefined);
    },
  };
}
