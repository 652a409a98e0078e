import type { ConnectTokenUseCases } from '../../api/index.ts';
import { createConnectToken, type ConnectionDeps } from '../../connection/index.ts';
import { GantryError, limits, suggest, type JsonObject } from '../../kernel/index.ts';
import { listConnectTokens, revokeConnectToken, type ConnectTokenRow } from '../../store/index.ts';
import type { Config } from '../config.ts';
import { actorOf } from '../identity/actor.ts';
import { checkedSlug } from './connect-slug.ts';
import { requireTenant } from './connection-use-cases.ts';
import type { Targets } from '../sync/targets.ts';

export interface ConnectTokenDeps {
  readonly config: Pick<Config, 'publicUrl' | 'connectReturnOrigins'>;
  readonly connection: ConnectionDeps;
  readonly targets: Pick<Targets, 'integration'>;
}

/** Links to the connect page, for the product's backend. */
export function createConnectTokens({ config, connection, targets }: ConnectTokenDeps): ConnectTokenUseCases {
  const { db } = connection;
  return {
    create: async (operator, request) => {
      const tenant = await requireTenant(db, request.tenant);
      for (const name of request.integrations) await targets.integration(name);
      const { token, expiresAt } = await createConnectToken(connection, {
        tenant,
        integrations: [...new Set(request.integrations)],
        connection: request.connection === null ? null : checkedSlug(request.connection),
        returnUrl: request.returnUrl === null ? null : allowedReturn(request.returnUrl, config.connectReturnOrigins),
        by: actorOf(operator, request.by),
        expiresInS: request.expiresInS,
      });
      return { token, url: `${config.publicUrl}/connect?token=${token}`, expiresAt };
    },
    list: async (_operator, request) => {
      const tenant = await requireTenant(db, request.tenant);
      return (await listConnectTokens(db, tenant, limits.connectTokensListed)).map(report);
    },
    revoke: async (_operator, request) => {
      const tenant = await requireTenant(db, request.tenant);
      const rows = await listConnectTokens(db, tenant, limits.connectTokensListed);
      const row = rows.find((each) => idOf(each) === request.id);
      const revoked =
        row !== undefined &&
        (await db.tx((tx) => revokeConnectToken(tx, tenant, row.hash), 'connection.revoke_connect_token'));
      if (row !== undefined && revoked) return { ...report(row), state: 'revoked' };
      throw new GantryError('not_found', {
        message: `Tenant ${request.tenant} has no open connect link "${request.id.slice(0, 80)}".`,
        where: 'id',
        suggestions: suggest(request.id, rows.map(idOf)),
        fix: 'Name one as `gantry connect-token list` does.',
      });
    },
  };
}

/** Whoever is sent back trusts where they land: only origins that the operator named. */
function allowedReturn(text: string, origins: readonly string[]): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && url.username === '' && url.password === '' && origins.includes(url.origin)) return url.href;
  throw new GantryError('connect_return_refused', {
    message: `${text.slice(0, 200)} is not at an allowed origin.`,
    where: 'return_url',
    allowed: [...origins],
  });
}

const ID_CHARS = 12;
const idOf = (row: ConnectTokenRow): string => Buffer.from(row.hash).toString('hex').slice(0, ID_CHARS);

function report(row: ConnectTokenRow): JsonObject {
  const { usedAt, revokedAt, expired } = row;
  return {
    id: idOf(row),
    state: revokedAt !== null ? 'revoked' : usedAt !== null ? 'used' : expired ? 'expired' : 'open',
    integrations: row.integrations,
    connection: row.usedConnection ?? row.connection,
    created_by: row.createdBy,
    created_at: row.createdAt.toISOString(),
    expires_at: row.expiresAt.toISOString(),
    used_at: usedAt?.toISOString() ?? null,
  };
}
