import type { Org } from '../org.ts';
import type { Savepoint } from '../rows/journal.ts';
import type { Table } from '../rows/table.ts';

/** Several changes that happen together or not at all. */
export interface Transaction {
  /** A table to write to. */
  table(object: string): Table;
  /** Takes back what was written through this transaction, and ends it. */
  rollback(): void;
  /** Keeps it; a transaction around this one may still take it back. */
  commit(): void;
}

export function begin(org: Pick<Org, 'table'>, around: Transaction | null = null): Transaction {
  const savepoints = new Map<string, Savepoint>();
  const end = (): void => {
    for (const savepoint of savepoints.values()) savepoint.release();
  };
  return {
    table: (object) => {
      around?.table(object);
      const table = org.table(object);
      if (!savepoints.has(object)) savepoints.set(object, table.savepoint());
      return table;
    },
    rollback: () => {
      for (const savepoint of savepoints.values()) savepoint.rollback();
      end();
    },
    commit: end,
  };
}
