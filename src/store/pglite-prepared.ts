import { parse, protocol, type PGlite } from '@electric-sql/pglite';
import type { SqlParam } from './db.ts';

type Value = Exclude<SqlParam, Date>;
type Told = Awaited<ReturnType<PGlite['execProtocol']>>['messages'];

/** Statements of one database: each is parsed and described when it is first asked for, and then only bound and run. */
export interface PreparedStatements {
  /** Rows as `PGlite.query` gives them. */
  run(text: string, params: readonly Value[]): Promise<unknown[]>;
  /** To be called before tables change: what was described may not be so any more. */
  forget(): Promise<void>;
  /** To be called before a transaction: plans made for smaller tables than there may be by now are made anew. */
  refresh(): Promise<void>;
}

interface Prepared {
  readonly name: string;
  /** Types of the parameters, as oids. */
  readonly params: readonly number[];
  /** What was told of the columns. */
  readonly columns: Told;
}

/** The program has some hundred texts; those that are made for one question must not stay for ever. */
const KEPT_MAX = 500;

/** So many characters of values may have gone in, and so many statements been run, before plans are made anew. */
const REFRESH = { values: 1_000_000, runs: 5_000 };

/**
 * `PGlite.query` calls into PostgreSQL six times for each statement and has it
 * parsed every time, which costs more than most of ours take. A plan is kept
 * where PostgreSQL itself finds one for any values as good as one for the
 * values at hand (`plan_cache_mode`); making it is most of what a short
 * statement costs. Nothing here tells PostgreSQL how tables grow (no
 * autovacuum), so that a plan made for an empty table would stay for ever:
 * tables grow by values, and after so many of them plans are made anew.
 */
export async function preparedStatements(pglite: PGlite): Promise<PreparedStatements> {
  const { serialize } = protocol;
  // In the order of their last use.
  const known = new Map<string, Prepared>();
  let made = 0;
  const since = { values: 0, runs: 0 };

  const send = async (...messages: readonly Uint8Array[]): Promise<Told> =>
    (await pglite.execProtocol(Buffer.concat([...messages, serialize.sync()]))).messages;

  const prepare = async (text: string): Promise<Prepared> => {
    made += 1;
    const name = `s${String(made)}`;
    const told = await send(serialize.parse({ name, text }), serialize.describe({ type: 'S', name }));
    const columns = told.filter((message) => message.name === 'rowDescription');
    return { name, params: parse.parseDescribeStatementResults(told), columns };
  };

  const drop = async (text: string, { name }: Prepared): Promise<void> => {
    known.delete(text);
    await send(serialize.close({ type: 'S', name }));
  };

  const preparedFor = async (text: string): Promise<Prepared> => {
    const found = known.get(text) ?? (await prepare(text));
    known.delete(text);
    known.set(text, found);
    const [oldest] = known;
    if (known.size > KEPT_MAX && oldest !== undefined) await drop(...oldest);
    return found;
  };

  const runPrepared = async ({ name, params, columns }: Prepared, given: readonly Value[]): Promise<unknown[]> => {
    const values = given.map((value, at) => textOf(pglite, value, params[at]));
    since.runs += 1;
    for (const value of values) since.values += value?.length ?? 0;
    const told = await send(serialize.bind({ statement: name, values }), serialize.execute({}));
    return parse.parseResults([...columns, ...told], pglite.parsers)[0]?.rows ?? [];
  };

  return {
    run: (text, params) =>
      pglite.runExclusive(async () => {
        const prepared = await preparedFor(text);
        try {
          return await runPrepared(prepared, params);
        } catch (error) {
          if (!isOutdated(error)) throw error;
          await drop(text, prepared);
          // A transaction has failed with it; the next one does not.
          if (pglite.isInTransaction()) throw error;
          return runPrepared(await preparedFor(text), params);
        }
      }),
    forget: async () => {
      known.clear();
      await pglite.exec('deallocate all');
    },
    refresh: async () => {
      if (since.values < REFRESH.values && since.runs < REFRESH.runs) return;
      Object.assign(since, { values: 0, runs: 0 });
      await pglite.exec('discard plans');
    },
  };
}

function textOf(pglite: PGlite, value: Value, type: number | undefined): string | null {
  if (value === null) return null;
  const write = type === undefined ? undefined : pglite.serializers[type];
  return write === undefined ? String(value) : write(value);
}

/** "cached plan must not change result type": https://www.postgresql.org/docs/current/sql-prepare.html */
const isOutdated = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '0A000' && error.message.startsWith('cached plan');
