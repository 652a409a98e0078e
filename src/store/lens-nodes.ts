import type { TenantId } from '../kernel/index.ts';
import type { Db, Tx } from './db.ts';

/** A process that holds lens files, and the address under which its like ask it. */
export interface LensNode {
  /** New with every start. */
  readonly id: string;
  readonly url: string;
  /** `lens` processes are for nothing else and are asked first. */
  readonly role: 'lens' | 'api';
}

export const lensNodesSql = {
  beat: `insert into lens_node (id, url, role, until) values ($1, $2, $3, $4)
    on conflict (id) do update set until = excluded.until`,
  supersede: 'delete from lens_node where url = $1 and id <> $2',
  leave: 'delete from lens_node where id = $1',
  forget: 'delete from lens_node where until < $1',
  live: 'select id, url, role from lens_node where until > $1 order by id',
  holder: `select n.id, n.url, n.role from lens_lease l join lens_node n on n.id = l.node and n.until > $2
    where l.tenant = $1`,
  claim: `insert into lens_lease (tenant, node, at) values ($1, $2, $3)
    on conflict (tenant) do update set node = excluded.node, at = excluded.at
      where lens_lease.node = excluded.node
        or not exists (select from lens_node n where n.id = lens_lease.node and n.until > excluded.at)
    returning node`,
} as const;

/** A sign of life, good for `ttlMs` of the database's time. Also forgets processes that ended long ago. */
export async function beatLensNode(db: Db, node: LensNode, ttlMs: number): Promise<void> {
  await db.tx(async (tx) => {
    const now = tx.now.getTime();
    await tx.query(lensNodesSql.beat, [node.id, node.url, node.role, new Date(now + ttlMs)]);
    // One process listens at an address: an earlier one there has ended, however lately.
    await tx.query(lensNodesSql.supersede, [node.url, node.id]);
    await tx.query(lensNodesSql.forget, [new Date(now - forgetAfterMs)]);
  }, 'lens.node_alive');
}

const forgetAfterMs = 3_600_000;

/** The process ends in good order: others need not wait until it counts as dead. */
export async function removeLensNode(db: Db, id: string): Promise<void> {
  await db.tx((tx) => tx.query(lensNodesSql.leave, [id]), 'lens.node_leave');
}

export interface LensHolders {
  /** The living process that answers for the tenant; null where there is none. */
  readonly holder: LensNode | null;
  /** All living processes. */
  readonly live: readonly LensNode[];
}

export async function lensHolders(tx: Tx, tenant: TenantId): Promise<LensHolders> {
  const [holder = null] = await tx.query<LensNode>(lensNodesSql.holder, [tenant, tx.now]);
  return { holder, live: holder === null ? await tx.query<LensNode>(lensNodesSql.live, [tx.now]) : [holder] };
}

/** Makes `node` the one that answers for the tenant; false where another living process does. */
export async function claimLens(tx: Tx, tenant: TenantId, node: string): Promise<boolean> {
  return (await tx.query(lensNodesSql.claim, [tenant, node, tx.now])).length > 0;
}
