import type { SandboxUser } from '../../kit/index.ts';
import type { Org } from '../org.ts';
import { createLiveTable, type LiveRow } from '../rows/live-table.ts';
import type { Table } from '../rows/table.ts';
import { schemaWithout } from '../schema/schema.ts';
import { accessQuestion } from '../sharing/access-question.ts';
import { shareFields } from '../sharing/share-objects.ts';
import { userRecordAccess } from '../sharing/setup-objects.ts';

/**
 * The org as one user sees it, for one call: objects, fields and records that
 * are hidden do not exist. What the platform keeps itself stays as it was at
 * the beginning of the call, so that pages of one query agree.
 */
export function seenBy(org: Org, user: SandboxUser): Org {
  const schema = schemaWithout(org.schema, org.sharing.rights.hidden(user));
  const tables = new Map<string, Table>();
  const table = (name: string): Table => {
    const read = org.sharing.live.get(name);
    if (read === undefined) return org.table(name);
    const known = tables.get(name);
    if (known !== undefined) return known;
    const rows = readableRows(org, user, name, read());
    const fresh = createLiveTable(name, () => rows);
    tables.set(name, fresh);
    return fresh;
  };
  const seen: Org = {
    ...org,
    schema,
    table,
    locate: org.locateIn({ schema: org.schema, table }),
    visible: (object) => shown(org, user, object),
    forQuery: (query) => {
      if (query.from.name.toLowerCase() !== userRecordAccess.name.toLowerCase()) return seen;
      const rows = org.sharing.recordAccess(user, accessQuestion(query));
      const answers = createLiveTable(userRecordAccess.name, () => rows);
      return { ...seen, table: (name) => (name === userRecordAccess.name ? answers : table(name)) };
    },
  };
  return seen;
}

/** Shares of records that the user is shown; of other objects all rows. */
function readableRows(org: Org, user: SandboxUser, name: string, rows: readonly LiveRow[]): readonly LiveRow[] {
  const object = org.sharing.sharedObject(name);
  const visible = object === null ? null : org.sharing.visible(user, object);
  if (object === null || visible === null) return [...rows];
  const { record } = shareFields(object);
  return rows.filter(({ values }) => {
    const id = values[record];
    const row = typeof id === 'string' ? org.table(object).rowOf(id) : null;
    return row !== null && visible(row);
  });
}

/** What sharing leaves of an object for a user, without what is not committed yet; null: everything. */
function shown(org: Org, user: SandboxUser, object: string): ((row: number) => boolean) | null {
  const isShared = org.sharing.visible(user, object);
  const isUncommitted = org.late.hidden(object);
  if (isShared === null && isUncommitted === null) return null;
  const table = org.table(object);
  return (row) => isUncommitted?.(table.id(row)) !== true && isShared?.(row) !== false;
}
