import { limits, tenantId, type Clock, type TenantId } from '../../kernel/index.ts';
import {
  claimErasure,
  claimOffboarding,
  dueErasures,
  dueOffboardings,
  goneChannel,
  goneTenants,
  setErasureTurn,
  postponeOffboarding,
  type Db,
  type ErasureKey,
} from '../../store/index.ts';
import type { Lens } from '../../lens/index.ts';
import { openChoreLane, type ChoreLane } from '../connections/chore-lane.ts';
import type { EventSink } from '../events.ts';
import type { ErasureDeps } from './deps.ts';
import { stepErasure } from './run-erasure.ts';
import { stepOffboarding, type OffboardingDeps } from './run-offboarding.ts';

type Work =
  { readonly kind: 'erasure'; readonly key: ErasureKey } | { readonly kind: 'offboarding'; readonly id: number };

export interface LaneDeps {
  readonly clock: Clock;
  readonly db: Db;
  readonly emit: EventSink;
  readonly erasures: ErasureDeps;
  readonly offboardings: OffboardingDeps;
}

/** Erasures and off-boardings that nobody is at: begun by a process that died, or put off. */
export function openErasureLane(deps: LaneDeps): ChoreLane {
  const { clock, db } = deps;
  return openChoreLane<Work>({
    clock,
    most: limits.erasuresAtOnce,
    timeMs: limits.choreMaxMs,
    due: async (room) => [
      ...(await dueErasures(db, room)).map((key): Work => ({ kind: 'erasure', key })),
      ...(await dueOffboardings(db, room)).map((id): Work => ({ kind: 'offboarding', id })),
    ],
    work: async (work, ending) => {
      const taken = await db.tx((tx) => {
        const until = new Date(tx.now.getTime() + limits.choreLeaseMs);
        return work.kind === 'erasure' ? claimErasure(tx, work.key, until) : claimOffboarding(tx, work.id, until);
      }, 'erasure.claim');
      if (taken) await carryOn(deps, work, ending);
      return taken;
    },
    onFailure: (cause) => deps.emit({ kind: 'erasure_failed', cause }),
  });
}

/** Step by step, for a while; what is left is due at once, so that others have their turn. */
async function carryOn(deps: LaneDeps, work: Work, ending: AbortSignal): Promise<void> {
  const untilMs = deps.clock.monotonicMs() + limits.erasureTurnMs;
  for (;;) {
    const goesOn = await step(deps, work);
    if (!goesOn) return;
    if (!ending.aborted && deps.clock.monotonicMs() < untilMs) continue;
    await deps.db.tx(
      (tx) =>
        work.kind === 'erasure' ? setErasureTurn(tx, work.key, tx.now) : postponeOffboarding(tx, work.id, tx.now),
      'erasure.pass_turn',
    );
    return;
  }
}

async function step(deps: LaneDeps, work: Work): Promise<boolean> {
  if (work.kind === 'erasure') return stepErasure(deps.erasures, work.key);
  return (await stepOffboarding(deps.offboardings, work.id)) === 'more';
}

/** Files of tenants that left go from this machine, too: at once where the word of it is heard, else when others can be heard again or with the next start. */
export function createGoneFiles(deps: {
  readonly db: Db;
  readonly lens: Pick<Lens, 'discard'>;
  readonly onGone: (tenant: TenantId) => void;
  readonly emit: EventSink;
}): { listen(): Promise<() => Promise<void>>; clear(): Promise<void> } {
  const { db, lens, onGone, emit } = deps;
  const discard = async (tenants: readonly TenantId[]): Promise<void> => {
    if (tenants.length === 0) return;
    await lens.discard(tenants).catch((cause: unknown) => emit({ kind: 'erasure_failed', cause }));
  };
  const goneNow = (tenants: readonly TenantId[]): void => {
    for (const tenant of tenants) onGone(tenant);
    void discard(tenants);
  };
  const missed = async (): Promise<void> => {
    const tenants = await goneTenants(db).catch((cause: unknown) => emit({ kind: 'erasure_failed', cause }));
    goneNow(tenants ?? []);
  };
  return {
    listen: () =>
      db.listen(
        goneChannel,
        (payload) => goneNow([tenantId(Number(payload))]),
        () => void missed(),
      ),
    clear: async () => discard(await goneTenants(db)),
  };
}
