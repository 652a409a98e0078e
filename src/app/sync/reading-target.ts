import { requireConnection } from '../../connection/index.ts';
import { GantryError, type TenantId } from '../../kernel/index.ts';
import type { ConnectionRow, Db } from '../../store/index.ts';
import type { ConnectedTarget, Targets } from './targets.ts';

/**
 * A connection for calls that an operator waits for. Raises `not_found`,
 * `connection_paused`, `connection_state_conflict`, `connection_reauth_required`.
 */
export async function readingTarget(
  { db, targets }: { readonly db: Db; readonly targets: Pick<Targets, 'ofConnection'> },
  tenant: TenantId,
  slug: string,
): Promise<ConnectedTarget> {
  const row = await db.tenantRead(tenant, (tx) => requireConnection(tx, tenant, slug));
  refuseStanding(row);
  const target = await targets.ofConnection(tenant, row.id, 'interactive');
  if (target !== null) return target;
  throw new GantryError('connection_reauth_required', {
    message: `Nobody has signed in to connection ${slug} yet, or the project no longer wants it.`,
    where: slug,
  });
}

/** What was stopped by a person is not set going by asking. Raises `connection_paused`, `connection_state_conflict`. */
export function refuseStanding({ slug, state }: Pick<ConnectionRow, 'slug' | 'state'>): void {
  if (state === 'paused') {
    throw new GantryError('connection_paused', { message: `Connection ${slug} is paused.`, where: slug });
  }
  if (state !== 'revoked') return;
  throw new GantryError('connection_state_conflict', {
    message: `Access to connection ${slug} was ended.`,
    where: slug,
    fix: 'Sign in again, or delete the connection.',
    data: { state },
  });
}
