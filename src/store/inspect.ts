import type { Db } from './db.ts';

/** What an operator should know of the database, read at one moment. */
export interface DatabaseFacts {
  /** The database's clock. */
  readonly now: Date;
  readonly bytes: number;
  /** Names of the applied migrations, oldest first. */
  readonly migrations: readonly string[];
  /** False: a crash of the machine may lose what was committed, or more. */
  readonly durable: boolean;
  /** Whether the log is kept, so that the database can be restored to a moment. */
  readonly archived: boolean;
  /** Log files that the server could not archive since its statistics began. */
  readonly archiveFailures: number;
  /** Processes that hold lens files. */
  readonly lensNodes: readonly { readonly url: string; readonly role: string; readonly silentMs: number | null }[];
}

export const inspectSql = {
  facts: `select pg_database_size(current_database()) as bytes,
      current_setting('fsync') = 'on' and current_setting('full_page_writes') = 'on' as durable,
      current_setting('archive_mode') <> 'off' as archived,
      (select failed_count from pg_stat_archiver) as "archiveFailures",
      array(select name from gantry_migration order by id) as migrations`,
  nodes: 'select url, role, until from lens_node order by url',
} as const;

export async function inspectDatabase(db: Db): Promise<DatabaseFacts> {
  return db.read(async (tx) => {
    const now = tx.now.getTime();
    const [facts] = await tx.query<Omit<DatabaseFacts, 'now' | 'lensNodes'>>(inspectSql.facts);
    if (facts === undefined) throw new Error('the database told nothing of itself');
    const nodes = await tx.query<{ url: string; role: string; until: Date }>(inspectSql.nodes);
    const lensNodes = nodes.map(({ url, role, until }) => ({
      url,
      role,
      silentMs: until.getTime() > now ? null : now - until.getTime(),
    }));
    return { ...facts, now: tx.now, lensNodes };
  });
}
