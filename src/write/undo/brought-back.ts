import type { ConnectionId, TenantId } from '../../kernel/index.ts';
import { recordsRestored, type Db } from '../../store/index.ts';
import { imagesOf } from '../images.ts';
import { joined, type RecordChain } from './chain.ts';
import type { Reached } from './types.ts';

/**
 * Pure. A record that we deleted and have brought back since, under another id,
 * is one record: what was done to either was done to it. `chains`: the earliest
 * first.
 */
export function joinRestored(chains: readonly RecordChain[]): RecordChain[] {
  const found: RecordChain[] = [];
  const places = new Map<string, number>();
  for (const chain of chains) {
    const at = chain.restores === undefined ? undefined : places.get(placeOf(chain, chain.restores));
    const earlier = at === undefined ? undefined : found[at];
    if (at === undefined || earlier === undefined || earlier.existsAfter) {
      places.set(placeOf(chain, chain.recordId), found.length);
      found.push(chain);
      continue;
    }
    places.set(placeOf(chain, chain.recordId), at);
    found[at] = { ...joined(earlier, chain), isBack: true };
  }
  return found;
}

const placeOf = ({ connection, object }: RecordChain, id: string): string => JSON.stringify([connection, object, id]);

/**
 * Of records that we deleted, those that another undo has brought back and that
 * stand there at this moment, by their old ids. Without it each undo would make
 * one more, as the old id stays missing for ever.
 */
export async function broughtBack(
  db: Db,
  tenant: TenantId,
  {
    connection,
    deleted,
    reached: { writes, object },
  }: {
    readonly connection: ConnectionId;
    readonly deleted: readonly string[];
    readonly reached: Pick<Reached, 'writes' | 'object'>;
  },
): Promise<ReadonlySet<string>> {
  // By new id: the one that was asked for. What was brought back may have been deleted and brought back again.
  const origins = new Map<string, string>();
  let open = new Map(deleted.map((id) => [id, id]));
  while (open.size > 0) {
    const ids = [...open.keys()];
    const rows = await db.tenantRead(tenant, (tx) =>
      recordsRestored(tx, tenant, { connection, object: object.name, ids }),
    );
    const next = new Map<string, string>();
    for (const { restored, recordId } of rows) {
      const origin = open.get(restored);
      if (origin === undefined || origins.has(recordId)) continue;
      origins.set(recordId, origin);
      next.set(recordId, origin);
    }
    open = next;
  }
  if (origins.size === 0) return new Set();
  const [field] = object.fields;
  const images = await imagesOf(writes, object, [...origins.keys()], field === undefined ? [] : [field.name]);
  return new Set(
    [...origins].flatMap(([id, origin]) => {
      const image = images.get(id);
      return image === undefined || image.missing ? [] : [origin];
    }),
  );
}
