import { limits, type ConnectionId, type TenantId } from '../../kernel/index.ts';
import { listConnections, listCredentials, listTenants, type Db, type Tx } from '../../store/index.ts';

/** A sign-in that only a person can renew, and that ends soon or has ended. */
export interface SignInEnd {
  readonly connection: ConnectionId;
  /** Null: the connection's own. */
  readonly user: string | null;
  readonly endsAt: Date;
}

/** The same, by the names that people use. */
export type EndingSignIn = Omit<SignInEnd, 'connection'> & { readonly tenant: string; readonly connection: string };

const DAY_MS = 86_400_000;

/** Of one tenant, what people are told of ahead (src/connection/sign-in-ahead.ts), soonest first. */
export async function signInsEnding(tx: Tx, tenant: TenantId): Promise<SignInEnd[]> {
  const until = tx.now.getTime() + Math.max(...limits.signInEndToldDays) * DAY_MS;
  return (await listCredentials(tx, tenant))
    .flatMap(({ connection, principal, endsAt, renewable }) =>
      endsAt === null || renewable || endsAt.getTime() > until
        ? []
        : [{ connection, user: principal === '' ? null : principal, endsAt }],
    )
    .toSorted((a, b) => a.endsAt.getTime() - b.endsAt.getTime());
}

/** Of all tenants. */
export async function endingSignIns(db: Db): Promise<EndingSignIn[]> {
  const found: EndingSignIn[] = [];
  for (const { id, slug } of await listTenants(db)) {
    const { ends, names } = await db.tenantRead(id, async (tx) => ({
      ends: await signInsEnding(tx, id),
      names: new Map((await listConnections(tx, id)).map((row) => [row.id, row.slug])),
    }));
    for (const { connection, user, endsAt } of ends) {
      const name = names.get(connection);
      if (name !== undefined) found.push({ tenant: slug, connection: name, user, endsAt });
    }
  }
  return found.toSorted((a, b) => a.endsAt.getTime() - b.endsAt.getTime());
}
