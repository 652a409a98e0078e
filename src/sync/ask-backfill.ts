import type { StreamId, TenantId } from '../kernel/index.ts';
import { requestSync, setBackfillAsked, type Tx } from '../store/index.ts';

/**
 * The next run reads everything again that was changed since then (`since`
 * null: everything), whatever the manifest says; it is due at once. What is
 * here stays meanwhile. False where there is no such stream.
 */
export async function askBackfill(
  tx: Tx,
  request: { readonly tenant: TenantId; readonly stream: StreamId; readonly since: Date | null },
): Promise<boolean> {
  const { tenant, stream, since } = request;
  const asked = { since: since?.toISOString() ?? null, at: tx.now.toISOString() };
  const found = await setBackfillAsked(tx, tenant, stream, asked);
  if (found === null) return false;
  await requestSync(tx, { tenant, ...found });
  return true;
}
