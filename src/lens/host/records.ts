import type { DuckDBConnection } from '@duckdb/node-api';
import type { TenantId } from '../../kernel/index.ts';
import type { LensTable } from '../../mapping/index.ts';
import type { HostEvent, RecordColumns, StreamChanges } from '../host-protocol.ts';
import { countUnreadable, deleteRecords, fallibleColumns, insertRecords } from './layout-sql.ts';
import { select } from './select.ts';

/** Adds records to their table. Values that do not fit become null and are counted. */
export async function addRecords(
  connection: DuckDBConnection,
  tenant: TenantId,
  table: LensTable,
  records: RecordColumns,
): Promise<HostEvent[]> {
  if (records.ids.length === 0) return [];
  await select(connection, insertRecords(table), [records.ids, records.ats, records.docs, records.acls]);
  const check = countUnreadable(table);
  if (check === null) return [];
  const counts = (await select(connection, check, [records.docs]))[0] ?? [];
  return fallibleColumns(table).flatMap((column, index) => {
    const count = Number(counts[index] ?? 0);
    if (count === 0) return [];
    return [{ kind: 'values_unreadable', tenant, stream: table.stream, column: column.name, count } as const];
  });
}

/** Replaces changed records: rows of all of them go, those that still live come back. */
export async function replaceRecords(
  connection: DuckDBConnection,
  tenant: TenantId,
  table: LensTable,
  changes: StreamChanges,
): Promise<HostEvent[]> {
  await select(connection, deleteRecords(table), [changes.gone]);
  return addRecords(connection, tenant, table, changes.records);
}
