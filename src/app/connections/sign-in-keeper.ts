import { providerAccess, stepAhead, type ConnectionDeps, type ConnectionState } from '../../connection/index.ts';
import { limits, toGantryError, type TenantId } from '../../kernel/index.ts';
import {
  listConnections,
  listCredentials,
  listTenants,
  noteEndTold,
  type ConnectionRow,
  type CredentialSummary,
} from '../../store/index.ts';
import type { EventSink } from '../events.ts';
import type { Targets } from '../sync/targets.ts';

export interface SignInKeeperDeps {
  readonly connection: ConnectionDeps;
  readonly targets: Pick<Targets, 'connector'>;
  readonly emit: EventSink;
}

/**
 * Renews sign-ins ahead of an end that comes from not using them, and tells
 * people in time of those that only they can renew. Any number of processes
 * may do it: renewals are one per generation, and telling is noted.
 */
export function startSignInKeeper(deps: SignInKeeperDeps): { stop(): Promise<void> } {
  const { clock, db } = deps.connection;
  const stopping = new AbortController();
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const failed = (cause: unknown): void => deps.emit({ kind: 'housekeeping_failed', cause });
      const tenants = await listTenants(db).catch((cause: unknown) => {
        failed(cause);
        return [];
      });
      for (const { id } of tenants) {
        if (!stopping.signal.aborted) await keepAhead(deps, id).catch(failed);
      }
      await clock.sleep(limits.signInLookMs, stopping.signal).catch(() => undefined);
    }
  };
  const looping = loop();
  return {
    stop: async () => {
      stopping.abort(new Error('the keeper of sign-ins stops'));
      await looping;
    },
  };
}

/** A pause keeps us from reading, not from staying signed in. */
const IN_USE: ReadonlySet<string> = new Set<ConnectionState>(['working', 'degraded', 'paused']);

/** One look at one tenant. */
export async function keepAhead(deps: SignInKeeperDeps, tenant: TenantId): Promise<void> {
  const { db, onEvent } = deps.connection;
  const { rows, connections, now } = await db.tenantRead(tenant, async (tx) => ({
    rows: await listCredentials(tx, tenant),
    connections: new Map((await listConnections(tx, tenant)).map((row) => [row.id, row])),
    now: tx.now,
  }));
  for (const row of rows) {
    const step = stepAhead(row, now);
    const connection = connections.get(row.connection);
    if (connection === undefined || !IN_USE.has(connection.state) || step.kind === 'leave') continue;
    if (step.kind === 'renew') {
      await renew(deps, tenant, connection, row);
      continue;
    }
    const key = { tenant, connection: row.connection, principal: row.principal };
    if (await db.tenantTx(tenant, (tx) => noteEndTold(tx, key, step.since), 'connection.tell_end')) {
      const principal = row.principal === '' ? null : row.principal;
      onEvent({ kind: 'sign_in_ends', tenant, connection: row.connection, principal, endsAt: step.endsAt });
    }
  }
}

/** What cannot be renewed now is told and tried again at the next look; half of its life is left for that. */
async function renew(
  { connection: deps, targets, emit }: SignInKeeperDeps,
  tenant: TenantId,
  row: ConnectionRow,
  { principal, generation }: CredentialSummary,
): Promise<void> {
  try {
    const access = providerAccess(deps, {
      ...targets.connector(row.integration, row.provider),
      tenant,
      connection: row.id,
      ...(principal === '' ? {} : { principal }),
      slug: row.slug,
      integration: row.integration,
      apiUrl: row.apiUrl ?? '',
    });
    await access.renew(generation);
  } catch (thrown) {
    emit({ kind: 'sign_in_not_renewed', tenant, connection: row.id, code: toGantryError(thrown).code });
  }
}
