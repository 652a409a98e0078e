import type { AskedConsent, EnteredPassword, SignInPageUseCases, VisitingClient } from '../../api/index.ts';
import {
  agentOfClient,
  passwordFits,
  principalOf,
  type AuthorizationDoor,
  type Exchange,
  type SignInAsked,
} from '../../identity/index.ts';
import { fromHere, GantryError, limits, type Clock, type Random } from '../../kernel/index.ts';
import type { AgentDeclaration, Manifest } from '../../manifest/index.ts';
import { createCallRate } from '../../mcp/index.ts';
import {
  beginAttempt,
  endAttempts,
  findOauthItem,
  findTenant,
  keepOauthItem,
  takeSignInLink,
  type Db,
} from '../../store/index.ts';
import type { AgentStops } from '../callers/agent-stops.ts';
import type { TenantManifests } from '../project/tenant-manifests.ts';
import { accountIdOf, accountIn, type Account } from './accounts.ts';

export interface SignInPageDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly publicUrl: string;
  /** The product's page that knows its users; null: none. */
  readonly signInUrl: string | null;
  readonly door: () => Promise<AuthorizationDoor>;
  readonly manifests: TenantManifests;
  readonly stops: AgentStops;
  /** The project, for those who are not signed in to any tenant yet. */
  readonly project: () => Promise<Manifest | null>;
}

const SESSION = 'SignIn';

const isBeginning = ({ incoming }: Exchange): boolean => /^\/oauth\/auth(\?|$)/.test(incoming.url ?? '');

/** Who a browser is, and what its user allows a client. */
export function createSignInPage(deps: SignInPageDeps): SignInPageUseCases {
  const { db, random, publicUrl, signInUrl, door } = deps;
  const withPassword = passwordDoor(deps);
  const begun = createCallRate(deps.clock);
  const askedOf = async (exchange: Exchange): Promise<SignInAsked> => {
    const asked = await (await door()).asked(exchange);
    if (asked !== null) return asked;
    throw new GantryError('sign_in_over', { message: 'There is no sign-in under way in this browser.' });
  };
  return {
    secure: new URL(publicUrl).protocol === 'https:',
    handle: async (exchange) => {
      // Each begun sign-in is kept for a while, and anybody may begin one.
      const retryAt = begun.take(exchange.address, isBeginning(exchange) ? limits.signInsPerMinute : null);
      if (retryAt !== null) {
        throw new GantryError('rate_limited', { message: 'Too many sign-ins were begun from this address.', retryAt });
      }
      await (await door()).handle(exchange);
    },

    redeem: async (exchange, token) => {
      const made = await db.tx(async (tx) => {
        const account = await takeSignInLink(tx, token);
        if (account === null) {
          throw new GantryError('sign_in_link_invalid', { message: 'This sign-in link is not good any more.' });
        }
        const id = Buffer.from(random.bytes(32)).toString('base64url');
        await keepOauthItem(tx, {
          kind: SESSION,
          id,
          tenant: account.tenant,
          grantId: null,
          uid: null,
          payload: { accountId: accountIdOf(account) },
          expiresAt: new Date(tx.now.getTime() + limits.signInLinkS * 1_000),
        });
        return { id, accountId: accountIdOf(account) };
      }, 'identity.redeem_link');
      await (await door()).endOthers(exchange, made.accountId);
      return made.id;
    },

    visit: async (exchange, session) => {
      const asked = await askedOf(exchange);
      const account = asked.accountId === null ? null : accountIn(asked.accountId);
      const known = session === null ? null : await findOauthItem(db, SESSION, session);
      const accountId = known?.payload['accountId'];
      if (asked.prompt === 'consent' && account !== null) {
        // It began before somebody else came to this browser.
        if (typeof accountId === 'string' && accountId !== asked.accountId) {
          throw new GantryError('sign_in_over', { message: 'Somebody else has signed in in this browser since.' });
        }
        return { kind: 'consent', ...(await consentOf(deps, asked, account)) };
      }
      if (typeof accountId === 'string') return { kind: 'go', to: await (await door()).signedIn(exchange, accountId) };
      if (signInUrl !== null) return { kind: 'go', to: productsPage(signInUrl, asked.uid) };
      return { kind: 'login', ...clientOf(asked, (await deps.project())?.title ?? 'Gantry') };
    },

    withPassword: async (exchange, entered) => {
      await askedOf(exchange);
      const account = await withPassword(entered);
      return (await door()).signedIn(exchange, accountIdOf(account));
    },

    decide: async (exchange, allow) => {
      const asked = await askedOf(exchange);
      const account = asked.accountId === null ? null : accountIn(asked.accountId);
      if (account === null) throw new GantryError('sign_in_over', { message: 'Nobody is signed in.' });
      if (!allow) return (await door()).declined(exchange);
      await consentOf(deps, asked, account);
      return (await door()).allowed(exchange);
    },
  };
}

/** The product finds out who it is, asks us for a link with this sign-in, and sends the browser there. */
function productsPage(signInUrl: string, uid: string): string {
  const url = new URL(signInUrl);
  url.searchParams.set('sign_in', uid);
  return url.href;
}

function clientOf({ uid, clientName, redirectUri }: SignInAsked, product: string): VisitingClient {
  const target = new URL(redirectUri);
  const local = target.protocol !== 'https:';
  return {
    uid,
    product,
    clientName: clientName.slice(0, limits.labelCharsMax),
    // The code goes there, whatever address the client is called by.
    clientHost: target.host,
    local,
    formTargets: [/^https?:$/.test(target.protocol) ? target.origin : target.protocol],
  };
}

/** Raises why the client may not act for this user. */
async function consentOf(deps: SignInPageDeps, asked: SignInAsked, account: Account): Promise<AskedConsent> {
  const { manifests, stops } = deps;
  const manifest = (await manifests.of(account.tenant))?.manifest;
  const agent: AgentDeclaration | null = manifest === undefined ? null : agentOfClient(manifest.agents, asked.clientId);
  if (manifest === undefined || agent === null) {
    throw new GantryError('principal_not_allowed', {
      message: 'This program may not act for users of this organisation.',
      fix: 'The product team names it under `clients` of an agent in gantry.yaml.',
    });
  }
  const stopped = (await stops.stopOf(agent.name)) !== null;
  principalOf({ agent, stopped, from: fromHere, tokenPrincipal: account.principal });
  return {
    ...clientOf(asked, manifest.title),
    tenant: await manifests.slugOf(account.tenant),
    principal: account.principal,
    agent: agent.title,
    owner: agent.owner,
    scopes: asked.scopes,
  };
}

/** Raises `sign_in_refused`, the same for every reason, and `rate_limited`: trying a password costs a fifth of a second. */
function passwordDoor({ db }: SignInPageDeps): (entered: EnteredPassword) => Promise<Account> {
  let busy = 0;
  return async ({ organisation, user, password }) => {
    if (busy >= limits.passwordChecksMax) {
      throw new GantryError('rate_limited', {
        message: 'Too many people sign in at this moment.',
        fix: 'Try again in a few seconds.',
      });
    }
    busy += 1;
    try {
      const tenant = (await findTenant(db, organisation))?.id ?? null;
      const row =
        tenant === null
          ? null
          : await db.tenantTx(
              tenant,
              (tx) =>
                beginAttempt(tx, {
                  tenant,
                  name: user,
                  attemptsMax: limits.passwordAttemptsMax,
                  lockUntil: new Date(tx.now.getTime() + limits.passwordLockMs),
                }),
              'identity.begin_attempt',
            );
      const fits = await passwordFits(password.slice(0, limits.passwordCharsMax), row?.password ?? null);
      if (tenant === null || row === null || !fits) {
        throw new GantryError('sign_in_refused', { message: 'That is not a user with this password.' });
      }
      await db.tenantTx(tenant, (tx) => endAttempts(tx, tenant, user), 'identity.end_attempts');
      return { tenant, principal: row.name };
    } finally {
      busy -= 1;
    }
  };
}
