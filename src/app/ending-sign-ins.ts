import { limits } from '../kernel/index.ts';
import { listConnections, listCredentials, listTenants, type Db } from '../store/index.ts';

/** A sign-in that only a person can renew, and that ends soon or has ended. */
export interface EndingSignIn {
  readonly tenant: string;
  readonly connection: string;
  /** Null: the connection's own. */
  readonly user: string | null;
  readonly endsAt: Date;
}

const DAY_MS = 86_400_000;

/** Of all tenants, what people are told of ahead (src/connection/sign-in-ahead.ts), soonest first. */
export async function endingSignIns(db: Db): Promise<EndingSignIn[]> {
  const ahead = Math.max(...limits.signInEndToldDays) * DAY_MS;
  const found: EndingSignIn[] = [];
  for (const { id, slug } of await listTenants(db)) {
    const { rows, names, now } = await db.tenantRead(id, async (tx) => ({
      rows: await listCredentials(tx, id),
      names: new Map((await listConnections(tx, id)).map((row) => [row.id, row.slug])),
      now: tx.now,
    }));
    for (const { connection, principal, endsAt, renewable } of rows) {
      const name = names.get(connection);
      if (name === undefined || endsAt === null || renewable || endsAt.getTime() - now.getTime() > ahead) continue;
      found.push({ tenant: slug, connection: name, user: principal === '' ? null : principal, endsAt });
    }
  }
  return found.toSorted((a, b) => a.endsAt.getTime() - b.endsAt.getTime());
}
