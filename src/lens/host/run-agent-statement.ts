import type { DuckDBPreparedStatement } from '@duckdb/node-api';
import { limits } from '../../kernel/index.ts';
import type { Rows, SqlCall } from '../host-protocol.ts';
import type { DataVersion } from './agent-sessions.ts';
import { areBare, bareViews, chosenRelations, stateNow, type BareView } from './bare-views.ts';
import { readRows } from './read-rows.ts';
import { ensureRelations, type RelationHome } from './session-relations.ts';

/** After a failure that leaves the session in a state that nobody can tell: it is not to be used again. */
export type Spoil = () => void;

/** Runs the statement from its original text over the caller's relations, which are made where they are not current. */
export async function runAgentStatement(
  home: RelationHome,
  call: SqlCall,
  data: DataVersion,
  spoil: Spoil,
): Promise<Rows> {
  const relations = await chosenRelations(home, call, data);
  await orSpoil(spoil, ensureRelations(home, { ...call, relations }, data));
  const views = bareViews(relations);
  if (views.length > 0) {
    const rows = await overBareViews(home, views, { call, data, spoil });
    if (rows !== null) return rows;
    await orSpoil(spoil, ensureRelations(home, call, data));
  }
  return withStatement(home, call, (statement) => rowsOf(statement, call));
}

/** Null where one of the views came to hide something: then nothing of the caller's was run. */
async function overBareViews(
  home: RelationHome,
  views: readonly BareView[],
  { call, data, spoil }: { readonly call: SqlCall; readonly data: DataVersion; readonly spoil: Spoil },
): Promise<Rows | null> {
  const before = stateNow(data);
  await home.connection.run('begin');
  try {
    // To bind the statement takes the snapshot.
    return await withStatement(home, call, async (statement) =>
      (await areBare(home, views, data, before)) ? rowsOf(statement, call) : null,
    );
  } finally {
    await orSpoil(spoil, home.connection.run('rollback'));
  }
}

async function withStatement<Result>(
  { connection }: RelationHome,
  { sql }: SqlCall,
  work: (statement: DuckDBPreparedStatement) => Promise<Result>,
): Promise<Result> {
  const statement = await connection.prepare(sql);
  try {
    return await work(statement);
  } finally {
    statement.destroySync();
  }
}

const rowsOf = (statement: DuckDBPreparedStatement, { params, rowsMax }: SqlCall): Promise<Rows> =>
  readRows(statement, params, { rowsMax, charsMax: limits.sqlResultCharsMax, result: 'streamed' });

async function orSpoil<Result>(spoil: Spoil, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    spoil();
    throw error;
  }
}
