import { deleteConnection, revocationText, type ConnectionDeps } from '../../connection/index.ts';
import type { ConnectionId, JsonObject, TenantId } from '../../kernel/index.ts';
import {
  listConnections,
  listDeletedConnections,
  listRegistrations,
  type DeletedConnection,
} from '../../store/index.ts';
import type { ConnectionChores } from '../connections/connection-chores.ts';

export interface EndingDeps {
  readonly connection: ConnectionDeps;
  readonly chores: Pick<ConnectionChores, 'perform'>;
  /** Tells the provider not to call any more; raises where that did not work. */
  readonly endWebhook: (tenant: TenantId, connection: ConnectionId) => Promise<void>;
  readonly onFailure: (cause: unknown) => void;
}

/**
 * Ends every grant and webhook of a leaving tenant, as well as its providers
 * let it, and takes the connections away. Doing it again goes on. True: none
 * is left.
 */
export async function endConnections(
  { connection: deps, chores, endWebhook, onFailure }: EndingDeps,
  tenant: TenantId,
  { by, note }: { readonly by: string; readonly note: string | null },
): Promise<boolean> {
  const { db } = deps;
  const registered = new Set((await listRegistrations(db, { tenant })).map(({ connection }) => connection));
  for (const { id, slug, state } of await db.tenantRead(tenant, (tx) => listConnections(tx, tenant))) {
    // What does not work out here is tried again for a while; then the proof says so.
    try {
      // While the grant works.
      if (registered.has(id)) await endWebhook(tenant, id).catch(onFailure);
      if (state !== 'deleted') await deleteConnection(deps, { tenant, slug, by, note });
      await chores.perform({ tenant, connection: id, kind: 'bury' });
    } catch (error) {
      onFailure(error);
    }
  }
  return (await db.tenantRead(tenant, (tx) => listConnections(tx, tenant))).length === 0;
}

/** What became of each, those that were deleted before included; without whose account it was. */
export async function connectionsEnded({ db }: ConnectionDeps, tenant: TenantId): Promise<JsonObject[]> {
  const { stones, left } = await db.tenantRead(tenant, async (tx) => ({
    stones: await listDeletedConnections(tx, tenant),
    left: await listConnections(tx, tenant),
  }));
  return [
    ...stones.map(ended),
    ...left.map(({ slug, provider }) => ({ connection: slug, system: provider, at_provider: 'not_confirmed' })),
  ];
}

const ended = ({ slug, provider, deletedAt, revocation }: DeletedConnection): JsonObject => ({
  connection: slug,
  system: provider,
  ended_at: deletedAt.toISOString(),
  at_provider: revocation ?? 'no_grant',
  meaning: revocation === null ? 'There was no grant to end.' : revocationText(revocation),
});
