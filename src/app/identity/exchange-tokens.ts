import { importJWK, SignJWT, type JWK } from 'jose';
import { principalOf, type Exchanged, type ExchangeRequest } from '../../identity/index.ts';
import { GantryError, limits, principalIn, type Clock, type Random } from '../../kernel/index.ts';
import { findCutoff, hashApiKey, type Db } from '../../store/index.ts';
import type { AgentStops } from '../callers/agent-stops.ts';
import type { KeyLookup } from '../callers/key-lookup.ts';
import type { TenantManifests } from '../project/tenant-manifests.ts';

export interface ExchangeDeps {
  readonly db: Db;
  readonly keys: KeyLookup;
  readonly stops: AgentStops;
  readonly manifests: TenantManifests;
  readonly clock: Clock;
  readonly random: Random;
  readonly issuer: string;
  readonly signingKey: JWK;
  readonly scopes: readonly string[];
}

/**
 * A short token with which something may act for one user, for the backend
 * that holds the agent's key (RFC 8693): subject is the user, actor the agent.
 * It is good as long as that key is.
 */
export function createTokenExchange(deps: ExchangeDeps): (request: ExchangeRequest) => Promise<Exchanged> {
  const { db, keys, stops, manifests, clock, random, issuer, signingKey, scopes } = deps;
  return async (request) => {
    const key = await keys.find(request.agentKey);
    const agent = key === null ? undefined : (await manifests.of(key.tenant))?.manifest.agents.get(key.agent);
    if (key === null || agent === undefined || agent.name !== request.agent) {
      throw new GantryError('unauthenticated', { message: 'The key is not one of this agent, or not good any more.' });
    }
    const principal = principalIn(request.principal);
    const stopped = (await stops.stopOf(agent.name)) !== null;
    principalOf({ agent, stopped, from: { principal, address: request.address }, tokenPrincipal: null });
    // Not said: the least there is.
    const given = request.scopes ?? scopes.slice(0, 1);
    const nowS = Math.floor(clock.now().getTime() / 1_000);
    const cut = await findCutoff(db, { tenant: key.tenant, principal, agent: agent.name });
    if (cut !== null && nowS * 1_000 <= cut.getTime()) throw justSignedOut(cut);
    const token = await new SignJWT({
      scope: given.join(' '),
      client_id: agent.name,
      tenant: await manifests.slugOf(key.tenant),
      act: { sub: agent.name },
      key: Buffer.from(hashApiKey(request.agentKey)).toString('base64url'),
    })
      .setProtectedHeader({
        alg: 'ES256',
        typ: 'at+jwt',
        ...(signingKey.kid === undefined ? {} : { kid: signingKey.kid }),
      })
      .setIssuer(issuer)
      .setSubject(principal)
      .setAudience(request.resource)
      .setIssuedAt(nowS)
      .setExpirationTime(nowS + limits.exchangedTokenS)
      .setJti(Buffer.from(random.bytes(16)).toString('base64url'))
      .sign(await importJWK(signingKey, 'ES256'));
    return { token, expiresInS: limits.exchangedTokenS, scopes: given };
  };
}

/** A token that would be void at once is not handed out: it tells the whole second in which it was made. */
function justSignedOut(cut: Date): GantryError {
  const retryAt = new Date((Math.floor(cut.getTime() / 1_000) + 1) * 1_000);
  return new GantryError('signed_out_just_now', {
    message: `The user was signed out in this second. Ask again at ${retryAt.toISOString()} or later.`,
    retryAt,
  });
}
