import { noMoreThan, type PrincipalRights, type StreamRights } from '../../access/index.ts';
import { limits, tenantId, type Clock, type ConnectionId, type StreamId, type TenantId } from '../../kernel/index.ts';
import { accessChannel, askAccessTurn, askedTurns, listStreams, type Db } from '../../store/index.ts';
import type { TenantManifests } from '../project/tenant-manifests.ts';
import { createRecentlyUsed } from '../recently-used.ts';
import { readRights } from './read-rights.ts';

/** What the sources show the product's users, as far as it is known here. */
export interface AccessReader {
  rightsOf(tenant: TenantId, principal: string): Promise<PrincipalRights>;
  /** The same after the connections of these streams were asked again; null where that takes longer than `waitMs`. */
  refreshNow(
    tenant: TenantId,
    principal: string,
    request: { readonly streams: readonly StreamId[]; readonly waitMs: number },
  ): Promise<PrincipalRights | null>;
  /** Hears of changes that others made; returns the way to stop. */
  listen(): Promise<() => Promise<void>>;
}

export interface AccessReaderDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly manifests: Pick<TenantManifests, 'of'>;
  /** Resolves when what agents read has all that was committed before the call. */
  readonly caughtUp: (tenant: TenantId) => Promise<void>;
  /** Has what is due looked at now, where this process does that. */
  readonly wake: () => void;
}

interface Remembered {
  readonly rights: Promise<PrincipalRights>;
  readonly readMs: number;
}

/** Remembered for a moment: a turn of an agent is many calls, and each would ask the database first. */
export function createAccessReader(deps: AccessReaderDeps): AccessReader {
  const { db, clock } = deps;
  const known = createRecentlyUsed<string, Remembered>(limits.accessCacheMax);
  // What was read before a tenant's rights changed is not given out after it.
  const changedMs = new Map<TenantId, number>();
  let missedMs = -Infinity;

  const rightsOf: AccessReader['rightsOf'] = (tenant, principal) => {
    const name = `${String(tenant)} ${principal}`;
    const now = clock.monotonicMs();
    const found = known.get(name);
    const isFresh = found !== undefined && now - found.readMs < limits.accessCacheMs;
    if (isFresh && found.readMs > Math.max(missedMs, changedMs.get(tenant) ?? -Infinity)) return found.rights;
    const rights = currentRights(deps, tenant, principal, found?.rights ?? null);
    known.set(name, { rights, readMs: now });
    rights.catch(() => known.delete(name));
    return rights;
  };

  return {
    rightsOf,
    refreshNow: async (tenant, principal, { streams, waitMs }) => {
      const until = clock.monotonicMs() + waitMs;
      const asked = await ask(db, tenant, streams);
      deps.wake();
      while (await askedTurns(db, tenant, asked)) {
        const left = until - clock.monotonicMs();
        if (left <= 0) return null;
        await clock.sleep(Math.min(POLL_MS, left));
      }
      known.delete(`${String(tenant)} ${principal}`);
      return rightsOf(tenant, principal);
    },
    listen: () =>
      db.listen(
        accessChannel,
        (payload) => {
          const tenant = Number(payload);
          if (Number.isSafeInteger(tenant)) changedMs.set(tenantId(tenant), clock.monotonicMs());
        },
        () => {
          missedMs = clock.monotonicMs();
        },
      ),
  };
}

const POLL_MS = 100;

/**
 * Rights as of a time are only told once what agents read has every record as
 * it was then: else an answer would show what was taken away, and say that it
 * is newer than that. While the lens is far behind, those of before are told,
 * as long as they are not older than rights may be, and without what was lost
 * since: that is gone at once.
 */
async function currentRights(
  { db, clock, manifests, caughtUp }: AccessReaderDeps,
  tenant: TenantId,
  principal: string,
  before: Promise<PrincipalRights> | null,
): Promise<PrincipalRights> {
  const manifest = (await manifests.of(tenant))?.manifest ?? null;
  const { rights, now } = await db.tenantRead(tenant, async (tx) => ({
    rights: await readRights(tx, { tenant, principal, manifest }),
    now: tx.now,
  }));
  const applied = await inTime(clock, caughtUp(tenant));
  if (applied) return rights;
  const earlier = await before?.catch(() => null);
  if (earlier === null || earlier === undefined) return notAppliedYet(rights);
  const maxAgeMs = manifest?.access?.maxAgeMs ?? limits.accessMaxAgeMs;
  const kept = notOlderThan(earlier, new Date(now.getTime() - maxAgeMs));
  return noMoreThan(kept, rights, beingPrepared);
}

async function inTime(clock: Clock, work: Promise<void>): Promise<boolean> {
  const over = new AbortController();
  const done = work.then(
    () => true,
    () => false,
  );
  const late = clock.sleep(limits.accessCatchUpMs, over.signal).then(
    () => false,
    () => false,
  );
  const result = await Promise.race([done, late]);
  over.abort(new Error('the wait is over'));
  return result;
}

const beingPrepared: StreamRights = {
  kind: 'unknown',
  reason: 'not_read_yet',
  fix: 'The records are being prepared: ask again in a minute.',
};

/** Nothing is known yet of what can be told. */
function notAppliedYet({ principal, version, streams }: PrincipalRights): PrincipalRights {
  return {
    principal,
    version: `${version} not applied`,
    streams: new Map([...streams.keys()].map((stream) => [stream, beingPrepared])),
  };
}

/** Rights of before, without those that had become too old if they had been read again. */
function notOlderThan(rights: PrincipalRights, oldest: Date): PrincipalRights {
  const isOld = (each: StreamRights): boolean => each.kind === 'known' && each.asOf < oldest;
  const old = [...rights.streams].filter(([, each]) => isOld(each)).map(([stream]) => stream);
  if (old.length === 0) return rights;
  const streams = new Map(rights.streams);
  for (const stream of old) streams.set(stream, beingPrepared);
  return { principal: rights.principal, version: `${rights.version} without ${old.join(' ')}`, streams };
}

function ask(db: Db, tenant: TenantId, streams: readonly StreamId[]): Promise<ConnectionId[]> {
  return db.tenantTx(
    tenant,
    async (tx) => {
      const wanted = new Set(streams);
      const rows = (await listStreams(tx, tenant)).filter(({ id }) => wanted.has(id));
      const connections = [...new Set(rows.map(({ connection }) => connection))].toSorted((a, b) => a - b);
      for (const connection of connections) await askAccessTurn(tx, { tenant, connection });
      return connections;
    },
    'access.ask_now',
  );
}
