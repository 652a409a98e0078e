import type { Db } from './db.ts';
import { openPglite } from './pglite.ts';
import { openPostgres } from './postgres.ts';

export interface OpenDbOptions {
  /** A PostgreSQL server; wins over `dataDir`. */
  readonly databaseUrl?: string | undefined;
  /** Directory of the embedded database. */
  readonly dataDir?: string | undefined;
}

/** The server if there is an address, else the embedded database. Does not migrate: call `migrate`. */
export async function openDb({ databaseUrl, dataDir }: OpenDbOptions): Promise<Db> {
  if (databaseUrl !== undefined && databaseUrl !== '') return openPostgres({ connectionString: databaseUrl });
  if (dataDir === undefined) throw new Error('openDb needs databaseUrl or dataDir');
  return openPglite({ dataDir });
}
