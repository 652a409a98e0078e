import { verifyToken, type TokenSays, type TrustedIssuer } from '../../identity/index.ts';
import { limits, type Clock, type TenantId } from '../../kernel/index.ts';
import { findApiKeyByHash, findCutoff, findOauthItem, findTenant, type Db } from '../../store/index.ts';
import { createRecentlyUsed } from '../recently-used.ts';
import { createMoments } from './moments.ts';

/** Access tokens: whose they are, and whether they are good at this moment. */
export interface TokenLookup {
  /** Null: not good, or taken back. Raises `identity_unavailable`. */
  find(token: string): Promise<TokenSays | null>;
  /** Null: there is no such tenant. */
  tenantOf(says: TokenSays): Promise<TenantId | null>;
  /** False: it was taken back, or what it stands on was. */
  isStanding(says: TokenSays, tenant: TenantId, agent: string): Promise<boolean>;
  /** Something was taken back. */
  forgetAll(): void;
}

export interface TokenLookupDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly issuers: readonly TrustedIssuer[];
}

interface Checked {
  readonly says: TokenSays;
  readonly atMs: number;
}

/** The signature is checked once an hour, as keys are read; whether it was taken back, every second. */
export function createTokenLookup({ db, clock, issuers }: TokenLookupDeps): TokenLookup {
  const checked = createRecentlyUsed<string, Checked>(limits.tokensKnownMax);
  const standing = createMoments<'standing'>(clock, limits.tokensKnownMax);
  const tenants = createMoments<{ readonly id: TenantId }>(clock, limits.keysKnownMax);
  return {
    async find(token) {
      const known = checked.get(token);
      const atMs = clock.monotonicMs();
      if (known !== undefined && atMs - known.atMs < limits.keySetFreshMs) {
        const leftMs = known.says.expiresAt.getTime() - clock.now().getTime();
        if (leftMs > -limits.tokenClockToleranceS * 1_000) return known.says;
      }
      checked.delete(token);
      const says = await verifyToken(token, issuers, clock);
      if (says !== null) checked.set(token, { says, atMs });
      return says;
    },
    async tenantOf({ tenant }) {
      if (tenant === null) return null;
      return (await tenants.get(tenant, () => findTenant(db, tenant)))?.id ?? null;
    },
    async isStanding(says, tenant, agent) {
      const { principal, grant, key, issuedAt } = says;
      const id = [String(tenant), agent, principal ?? '', grant ?? '', key ?? '', String(issuedAt.getTime())];
      const found = await standing.get(JSON.stringify(id), async () =>
        (await stands(db, says, tenant, agent)) ? 'standing' : null,
      );
      return found !== null;
    },
    forgetAll() {
      standing.forgetAll();
      tenants.forgetAll();
    },
  };
}

async function stands(db: Db, says: TokenSays, tenant: TenantId, agent: string): Promise<boolean> {
  const { principal, grant, key, issuedAt } = says;
  if (grant !== null && (await findOauthItem(db, 'Grant', grant)) === null) return false;
  if (key !== null && (await findApiKeyByHash(db, new Uint8Array(Buffer.from(key, 'base64url')))) === null) {
    return false;
  }
  if (principal === null) return true;
  const before = await findCutoff(db, { tenant, principal, agent });
  // Tokens tell whole seconds: one of the same second may have been made before or after, and counts as before.
  return before === null || issuedAt.getTime() > before.getTime();
}
