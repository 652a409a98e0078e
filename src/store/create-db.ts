import { AsyncLocalStorage } from 'node:async_hooks';
import { crashPoint, type TenantId } from '../kernel/index.ts';
import type { Db, SqlParam, Tx } from './db.ts';
import type { Driver, Session } from './driver.ts';
import { toStoreError } from './sql-errors.ts';

/** Transactions, tenants and errors over either driver. */
export function createDb(driver: Driver): Db {
  return {
    kind: driver.kind,
    serverVersion: driver.serverVersion,
    query: <Row>(text: string, params: readonly SqlParam[] = []) =>
      lend(driver, async (session) => (await session.query(text, params)) as Row[]),
    tx: (work, place) => lend(driver, (session) => transaction(session, begin('begin'), work, place)),
    read: (work) => lend(driver, (session) => transaction(session, begin('begin read only'), work)),
    tenantTx: (tenant, work, place) =>
      lend(driver, (session) => transaction(session, beginTenant(tenant, 'begin'), work, place)),
    tenantRead: (tenant, work) =>
      lend(driver, (session) => transaction(session, beginTenant(tenant, 'begin read only'), work)),
    listen: driver.listen,
    close: driver.close,
  };
}

/** Runs a text of several statements inside a transaction (migrations). */
export async function runScript(tx: Tx, text: string): Promise<void> {
  const run = scripts.get(tx);
  if (run === undefined) throw new Error('not a transaction of this store');
  await run(text);
}

const scripts = new WeakMap<Tx, (text: string) => Promise<void>>();

/**
 * Role, tenant and the database's time in one message, so that a tenant's
 * transaction costs no more round trips than any other. `citus.…` makes Citus
 * pass `set local` on to its workers; elsewhere it is an unused name.
 */
function beginTenant(tenant: TenantId, mode: Mode): string {
  if (!Number.isInteger(tenant)) throw new Error(`not a tenant id: ${String(tenant)}`);
  return `${mode}; set local citus.propagate_set_commands = 'local'; set local role gantry_app; set local gantry.tenant = '${tenant}'; select now() as now`;
}

/** Never `begin read write`: a database that is short of room refuses writes by its default mode (pglite-room.ts). */
type Mode = 'begin' | 'begin read only';

const begin = (mode: Mode): string => `${mode}; select now() as now`;

async function transaction<Result>(
  session: Session,
  opening: string,
  work: (tx: Tx) => Promise<Result>,
  place?: string,
): Promise<Result> {
  const scope = openScope(session, await started(session, opening));
  try {
    const result = await work(scope.tx);
    await scope.settled();
    // Committing an aborted transaction rolls back without an error: say it instead.
    if (scope.failure() !== undefined) throw scope.failure();
    if (place !== undefined) crashPoint(`${place}.before_commit`);
    await session.script('commit');
    if (place !== undefined) crashPoint(`${place}.after_commit`);
    return result;
  } catch (error) {
    await scope.settled();
    await session.script('rollback').catch(() => session.discard());
    throw error;
  } finally {
    scope.end();
  }
}

async function started(session: Session, opening: string): Promise<Date> {
  try {
    const rows = (await session.script(opening)) as { now: Date }[];
    const now = rows[0]?.now;
    if (now === undefined) throw new Error('the database did not say its time');
    return now;
  } catch (error) {
    await session.script('rollback').catch(() => session.discard());
    throw error;
  }
}

interface Scope {
  readonly tx: Tx;
  readonly failure: () => unknown;
  readonly settled: () => Promise<void>;
  readonly end: () => void;
}

/** Statements of one transaction run one after another, also when the caller does not await each. */
function openScope(session: Session, now: Date): Scope {
  let open = true;
  let failed: { error: unknown } | undefined;
  let tail: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(run: () => Promise<Result>): Promise<Result> => {
    if (!open) return Promise.reject(new Error('statement after the end of its transaction'));
    const result = tail.then(run).catch((error: unknown) => {
      failed ??= { error };
      throw error;
    });
    tail = result.catch(() => undefined);
    return result;
  };
  const tx: Tx = {
    now,
    query: <Row>(text: string, params: readonly SqlParam[] = []) =>
      inTurn(() => session.query(text, params) as Promise<Row[]>),
  };
  scripts.set(tx, async (text) => {
    await inTurn(() => session.script(text));
  });
  return {
    tx,
    failure: () => failed?.error,
    settled: async () => {
      await tail;
    },
    end: () => {
      open = false;
    },
  };
}

const lent = new AsyncLocalStorage<{ open: boolean }>();

/** Raises inside a transaction: for what asks the `Db` now and then only, and would fail there now and then only. */
export function refuseInTransaction(): void {
  if (lent.getStore()?.open !== true) return;
  throw new Error('the database was used inside its own transaction: use the transaction (tx.query) there');
}

/**
 * Inside a transaction the `Db` itself is out of reach: on PGlite, which has
 * one connection, such a call would wait for itself for ever.
 */
async function lend<Result>(driver: Driver, work: (session: Session) => Promise<Result>): Promise<Result> {
  refuseInTransaction();
  const state = { open: true };
  try {
    return await driver.session((session) => lent.run(state, () => work(session)));
  } catch (error) {
    throw toStoreError(error, driver.where);
  } finally {
    state.open = false;
  }
}
