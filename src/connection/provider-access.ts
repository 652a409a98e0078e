import { limits } from '../kernel/index.ts';
import type { AccessToken, ProviderAccess, UpstreamCall } from '../connectors/index.ts';
import type { ConnectionDeps } from './deps.ts';
import { grantGone } from './grant-gone.ts';
import { renewTokens, type RenewalRequest } from './renew-tokens.ts';
import { createTokenStore, type StoredTokens } from './token-store.ts';

export interface AccessRequest extends RenewalRequest {
  readonly apiUrl: string;
  readonly onCall?: (call: UpstreamCall) => void;
}

/**
 * A session's way to valid tokens: the connection's own, or a user's where
 * `principal` names one. Renewals are one per generation, whoever asks
 * (renew-tokens.ts).
 */
export function providerAccess(deps: ConnectionDeps, request: AccessRequest): ProviderAccess {
  const { tenant, slug } = request;
  const store = createTokenStore(deps.vault);
  let known: StoredTokens | null = null;
  let renewing: { readonly generation: number; readonly done: Promise<AccessToken> } | null = null;

  const renewOnce = async (generation: number): Promise<AccessToken> => {
    const renewed = await renewTokens(deps, request, generation);
    if (renewed.kind === 'ended') throw grantGone(slug, noLonger(request));
    known = renewed.tokens;
    if (renewed.kind === 'renewed') {
      deps.onEvent({ kind: 'token_refreshed', tenant, connection: request.connection, generation: known.generation });
    }
    return tokenOf(known);
  };

  const renew = (generation: number): Promise<AccessToken> => {
    if (known !== null && known.generation > generation) return Promise.resolve(tokenOf(known));
    if (renewing?.generation !== generation) {
      const done = renewOnce(generation).catch((error: unknown) => {
        // The next call looks again: the provider may be back, or somebody may have signed in anew.
        renewing = null;
        throw error;
      });
      renewing = { generation, done };
    }
    return renewing.done;
  };

  const { principal } = request;
  const act = { connection: slug, ...(principal === undefined ? {} : { principal }) };
  return {
    apiUrl: request.apiUrl,
    token: async () => {
      // Without a token nothing is asked there, by whatever protocol.
      await deps.mayCall?.(tenant, act);
      known ??= await deps.db.tenantRead(tenant, (tx) => store.read(tx, request));
      if (known === null) throw grantGone(slug, 'nobody has signed in yet');
      const leftMs = known.expiresAt === null ? Infinity : known.expiresAt.getTime() - deps.clock.now().getTime();
      // Wrong clocks only cost an early or a late refresh here: the provider's 401 decides.
      if (leftMs > limits.tokenRefreshMarginMs || !isRenewable(known)) return tokenOf(known);
      const renewed = renew(known.generation);
      if (leftMs <= limits.tokenUsableMs) return renewed;
      // A slow login service keeps nobody waiting as long as the old token is good; its errors come with the next call.
      renewed.catch(() => undefined);
      return tokenOf(known);
    },
    renew: async (generation) => {
      await deps.mayCall?.(tenant, act);
      return renew(generation);
    },
    ...(request.onCall === undefined ? {} : { onCall: request.onCall }),
  };
}

const isRenewable = (tokens: StoredTokens): boolean => tokens.refreshToken !== null || tokens.entered !== null;

const noLonger = ({ principal }: AccessRequest): string =>
  `the provider no longer accepts ${principal === undefined ? 'its sign-in' : 'the sign-in of this user'}`;

function tokenOf({ accessToken, generation, context }: StoredTokens): AccessToken {
  return { accessToken, generation, ...(context === null ? {} : { context }) };
}
