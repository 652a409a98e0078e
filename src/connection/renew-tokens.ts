import { GantryError, limits } from '../kernel/index.ts';
import type { Connector, OAuthApp, TokenSet } from '../connectors/index.ts';
import { appMissing } from './app-missing.ts';
import { credentialMethod } from './credential-values.ts';
import type { ConnectionDeps } from './deps.ts';
import { grantGone } from './grant-gone.ts';
import { oauthOf } from './oauth-of.ts';
import { recordConnectionEvent } from './record-event.ts';
import { inRenewalTurn } from './renewal-turn.ts';
import { createTokenStore, credentialKey, type StoredTokens, type TokenKey } from './token-store.ts';

export interface RenewalRequest extends TokenKey {
  /** For messages. */
  readonly slug: string;
  readonly integration: string;
  readonly connector: Connector;
  /** Null where the integration has none: credentials may do without. */
  readonly app: OAuthApp | null;
}

export type Renewed =
  | { readonly kind: 'renewed' | 'found'; readonly tokens: StoredTokens }
  /** The provider has just refused this generation, whoever asked: it is left alone for a while. */
  | { readonly kind: 'ended' };

/**
 * Tokens newer than `generation`. However many processes notice an expired
 * token, one of them asks the provider and the others find what it got:
 * providers that rotate refresh tokens end the grant when one is used twice.
 *
 * In the credential's turn: note that the provider is about to be asked
 * (committed before the call), ask once, keep the answer on the condition that
 * the generation is still the one that was renewed. A process that dies between
 * asking and keeping leaves the note: the next one asks again with the same
 * refresh token, which providers without a grace refuse; that the grant is then
 * gone, and why, is what the note lets it say.
 */
export function renewTokens(deps: ConnectionDeps, request: RenewalRequest, generation: number): Promise<Renewed> {
  const { tenant, slug } = request;
  const store = createTokenStore(deps.vault);
  return inRenewalTurn(deps, credentialKey(request), slug, async () => {
    const found = await deps.db.tenantTx(
      tenant,
      async (tx) => {
        const now = await store.read(tx, request);
        if (now === null || now.generation > generation) return { now, isRefused: false };
        const pausedFrom = tx.now.getTime() - limits.endedSignInPauseMs;
        const isRefused = now.endedAt !== null && now.endedAt.getTime() > pausedFrom;
        return { now: isRefused ? now : await store.begin(tx, request), isRefused };
      },
      'connection.begin_renewal',
    );
    const { now: stored } = found;
    if (stored === null) throw grantGone(slug, 'nobody has signed in yet');
    if (stored.generation > generation) return { kind: 'found', tokens: stored };
    if (found.isRefused) return { kind: 'ended' };
    let fresh: TokenSet;
    try {
      fresh = await freshTokens(request, stored);
    } catch (error) {
      // Still in the turn: whoever is next finds it ended, instead of asking again.
      const newer = await endGrantIfTold(deps, request, stored.generation, error);
      if (newer === null) throw error;
      return { kind: 'found', tokens: newer };
    }
    return { kind: 'renewed', tokens: await keep(deps, request, fresh, stored) };
  });
}

/**
 * The end of a user's own sign-in is that user's matter: the connection goes on.
 * Where somebody signed in meanwhile, a refusal of the tokens of before says
 * nothing of theirs: returns the newer ones, and ends nothing.
 */
async function endGrantIfTold(
  deps: ConnectionDeps,
  request: RenewalRequest,
  generation: number,
  error: unknown,
): Promise<StoredTokens | null> {
  if (!(error instanceof GantryError) || error.code !== 'connection_reauth_required') return null;
  const { tenant, connection, principal } = request;
  const store = createTokenStore(deps.vault);
  const { events, newer } = await deps.db.tenantTx(
    tenant,
    async (tx) => {
      if (!(await store.end(tx, request, generation))) return { events: [], newer: await store.read(tx, request) };
      if (principal !== undefined) return { events: [], newer: null };
      const record = { tenant, connection, event: 'grant_ended', error: error.toBody() } as const;
      return { events: await recordConnectionEvent(tx, record), newer: null };
    },
    'connection.end_grant',
  );
  for (const event of events) deps.onEvent(event);
  return newer;
}

/**
 * The provider gives rotated tokens once, so that a database which is away for
 * a moment must not cost the customer a new sign-in.
 */
async function keep(
  deps: ConnectionDeps,
  request: RenewalRequest,
  fresh: TokenSet,
  before: StoredTokens,
): Promise<StoredTokens> {
  const { db, clock } = deps;
  const store = createTokenStore(deps.vault);
  const giveUpAt = clock.monotonicMs() + limits.tokenKeepForMs;
  for (;;) {
    try {
      const kept = await db.tenantTx(
        request.tenant,
        async (tx) => (await store.renew(tx, request, fresh, before)) ?? (await store.read(tx, request)),
        'connection.keep_tokens',
      );
      if (kept === null) throw grantGone(request.slug, 'it was signed out meanwhile');
      return kept;
    } catch (error) {
      if (!passes(error) || clock.monotonicMs() >= giveUpAt) throw error;
      await clock.sleep(limits.tokenKeepRetryMs);
    }
  }
}

const PASSING: ReadonlySet<string> = new Set(['store_unavailable', 'store_timeout', 'store_conflict']);

const passes = (error: unknown): boolean => error instanceof GantryError && PASSING.has(error.code);

/** By the refresh token, or by what was entered: signing in again is how credentials are renewed. */
async function freshTokens(request: RenewalRequest, stored: StoredTokens): Promise<TokenSet> {
  const { slug, connector, app, integration } = request;
  const { refreshToken, loginUrl, entered } = stored;
  // Credentials may have been entered when there was no application yet.
  const appThere = app === null ? null : { ...app, loginUrl: loginUrl === '' ? app.loginUrl : loginUrl };
  if (entered === null) {
    if (refreshToken === null) throw grantGone(slug, 'the provider gave no refresh token');
    if (appThere === null) throw appMissing(integration);
    return refreshed(request, { ...stored, refreshToken }, appThere);
  }
  try {
    return await credentialMethod(connector, entered.method).signIn(appThere, entered.values);
  } catch (error) {
    if (!(error instanceof GantryError) || error.code !== 'credentials_refused') throw error;
    throw grantGone(slug, 'the provider no longer accepts what was entered for it', error);
  }
}

async function refreshed(
  { connector, slug }: RenewalRequest,
  stored: StoredTokens & { readonly refreshToken: string },
  app: OAuthApp,
): Promise<TokenSet> {
  const oauth = oauthOf(connector);
  const ask = (): Promise<TokenSet> => oauth.refresh(app, stored);
  const { renewalBeganAt } = stored;
  try {
    return await ask();
  } catch (error) {
    const ended = error instanceof GantryError && error.code === 'connection_reauth_required';
    if (!ended || renewalBeganAt === null) throw error;
    // Within a provider's grace the same token is worth one more attempt; a second use elsewhere would end the grant.
    if (oauth.refreshReuseS > 0) {
      const again = await ask().catch(() => null);
      if (again !== null) return again;
    }
    const when = renewalBeganAt.toISOString();
    throw grantGone(
      slug,
      `a renewal begun at ${when} was cut off, and with it the token that the provider gave`,
      error,
    );
  }
}
