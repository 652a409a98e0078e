import type { OffboardingUseCases } from '../../api/index.ts';
import { appendOfInstallation } from '../../audit/index.ts';
import { GantryError, limits, type Clock, type JsonObject } from '../../kernel/index.ts';
import {
  beginOffboarding,
  emptyTable,
  forgetDoors,
  keepOffboarding,
  listOffboardings,
  presentOffboarding,
  readOffboarding,
  tenantDoors,
  type OffboardingRow,
} from '../../store/index.ts';
import { offboardingEntry } from './offboarding-entry.ts';
import { requireTenant } from '../connections/connection-use-cases.ts';
import { actorOf } from '../identity/actor.ts';
import { stepOffboarding, type OffboardingDeps } from './run-offboarding.ts';

/** Tenants that leave, as operators have them leave. */
export function createOffboardingUseCases(deps: OffboardingDeps & { readonly clock: Clock }): OffboardingUseCases {
  const { db, clock } = deps;
  return {
    async begin(operator, { tenant: slug, confirm, note, by }) {
      if (confirm !== slug) {
        throw new GantryError('offboarding_unconfirmed', {
          message: `"${confirm.slice(0, 80)}" is not the name of the tenant.`,
          where: 'confirm',
        });
      }
      const id = (await presentOffboarding(db, slug))?.id ?? (await close(deps, slug, actorOf(operator, by), note));
      const untilMs = clock.monotonicMs() + limits.erasureAnswerMs;
      let step = await stepOffboarding(deps, id);
      while (step === 'more' && clock.monotonicMs() < untilMs) step = await stepOffboarding(deps, id);
      return show(deps, id);
    },
    list: async () => (await listOffboardings(db, limits.offboardingsListed)).map(offboardingReport),
    show: (_operator, { offboarding }) => show(deps, offboarding),
  };
}

/** Keys, links and sessions end with the transaction that says that the tenant leaves. */
async function close(
  { db, audit, onGone }: OffboardingDeps,
  slug: string,
  by: string,
  note: string | null,
): Promise<number> {
  const tenant = await requireTenant(db, slug);
  const id = await db.tx(async (tx) => {
    const dueAt = new Date(tx.now.getTime() + limits.choreLeaseMs);
    const row = await beginOffboarding(tx, { tenant, state: 'closed', by, note, dueAt });
    if (row === null) return null;
    const removed: Record<string, number> = {};
    for (const table of tenantDoors) {
      const gone = await emptyTable(tx, tenant, table, limits.offboardingDoorsMax);
      if (gone > 0) removed[table] = gone;
    }
    await keepOffboarding(tx, { ...row, removed });
    await forgetDoors(tx);
    await appendOfInstallation(tx, audit, [offboardingEntry('offboarding_asked', row, { doors: removed })]);
    return row.id;
  }, 'erasure.close_doors');
  if (id === null) throw new GantryError('not_found', { message: `There is no tenant "${slug}".`, where: 'tenant' });
  onGone(tenant);
  return id;
}

async function show({ db }: OffboardingDeps, id: number): Promise<JsonObject> {
  const row = await readOffboarding(db, id);
  if (row !== null) return offboardingReport(row);
  throw new GantryError('not_found', { message: `There is no off-boarding ${String(id)}.`, where: 'offboarding' });
}

function offboardingReport(row: OffboardingRow): JsonObject {
  return {
    offboarding: row.id,
    tenant: row.slug,
    state: row.state,
    state_since: row.stateSince.toISOString(),
    asked_by: row.askedBy,
    asked_at: row.askedAt.toISOString(),
    note: row.note,
    connections: row.connections,
    removed: row.removed,
    ended_at: row.endedAt?.toISOString() ?? null,
    proof: row.proof,
    proof_sha256: row.proofHash,
  };
}
