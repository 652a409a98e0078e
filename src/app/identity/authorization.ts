import { hkdfSync } from 'node:crypto';
import { signInErrorPage, type SignInPageUseCases } from '../../api/index.ts';
import {
  agentOfClient,
  authorizationDoor,
  ownAudiences,
  signingKey,
  type AuthorizationServerOptions,
} from '../../identity/index.ts';
import { limits, type Clock, type Random } from '../../kernel/index.ts';
import type { AgentDeclaration, Manifest } from '../../manifest/index.ts';
import { accessScopes } from '../../mcp/index.ts';
import type { Db } from '../../store/index.ts';
import type { AgentStops } from '../callers/agent-stops.ts';
import type { KeyLookup } from '../callers/key-lookup.ts';
import type { Config } from '../config.ts';
import type { Revisions } from '../project/revisions.ts';
import type { TenantManifests } from '../project/tenant-manifests.ts';
import { accountIn } from './accounts.ts';
import { fetchClientDocument } from './client-documents.ts';
import { createTokenExchange } from './exchange-tokens.ts';
import { createOauthItems } from './oauth-items.ts';
import { createSignInPage } from './sign-in-page.ts';
import { ownIssuer } from './trusted-issuers.ts';

export interface AuthorizationDeps {
  readonly config: Config;
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly revisions: Revisions;
  readonly manifests: TenantManifests;
  readonly keys: KeyLookup;
  readonly stops: AgentStops;
  readonly onError: (cause: unknown) => void;
  /** The document of a client that names itself by an address. */
  readonly fetchDocument?: (address: string) => Promise<Response>;
}

/** Our own authorization server, put together; null where it is off. */
export function createAuthorization(deps: AuthorizationDeps): SignInPageUseCases | null {
  const { config, db, random, manifests, stops } = deps;
  if (config.identity?.signIn === false) return null;
  const door = authorizationDoor(() => serverOptions(deps));
  return createSignInPage({
    db,
    clock: deps.clock,
    random,
    publicUrl: config.publicUrl,
    signInUrl: config.identity?.signInUrl ?? null,
    door,
    manifests,
    stops,
    project: async () => (await deps.revisions.current())?.manifest ?? null,
  });
}

/** `admin` is of operators, who have keys, or an identity provider that names their roles. */
const scopes = accessScopes.filter((scope) => scope !== 'admin');

function serverOptions(deps: AuthorizationDeps): AuthorizationServerOptions {
  const { config, db, clock, random, revisions, manifests, keys, stops } = deps;
  const masterKeys = [config.masterKey, ...config.otherMasterKeys];
  const signers = masterKeys.map(signingKey);
  const agents = async (): Promise<Manifest['agents']> =>
    (await revisions.current())?.manifest.agents ?? new Map<string, AgentDeclaration>();
  const [first] = signers;
  if (first === undefined) throw new Error('there is no master key');
  const exchange = createTokenExchange({
    db,
    keys,
    stops,
    manifests,
    clock,
    random,
    scopes,
    issuer: ownIssuer(config.publicUrl),
    signingKey: first,
  });
  return {
    publicUrl: config.publicUrl,
    resources: ownAudiences(config.publicUrl),
    scopes,
    keys: signers,
    cookieKeys: masterKeys.map((key) =>
      Buffer.from(hkdfSync('sha256', key, '', 'gantry sign-in cookies', 32)).toString('base64url'),
    ),
    // Where the product knows who it is, it is asked each time: whoever signs out there is not heard of here.
    sessionS: (config.identity?.signInUrl ?? null) === null ? limits.signInSessionS : limits.signInLinkS,
    items: createOauthItems(db),
    declared: async (id) => {
      const agent = (await agents()).get(id);
      // One that acts as a service only has nobody to sign in.
      if (agent === undefined || (agent.actsFor ?? 'service') === 'service') return null;
      return { id, title: agent.title, redirectUris: agent.redirectUris ?? [] };
    },
    isKnownClient: async (id) => agentOfClient(await agents(), id) !== null,
    fetchDocument: deps.fetchDocument ?? fetchClientDocument,
    claimsOf: async (accountId, clientId) => {
      const account = accountIn(accountId);
      const manifest = account === null ? undefined : (await manifests.of(account.tenant))?.manifest;
      if (account === null || manifest === undefined || agentOfClient(manifest.agents, clientId) === null) return null;
      return { sub: account.principal, tenant: await manifests.slugOf(account.tenant) };
    },
    exchange,
    errorPage: signInErrorPage,
    onError: deps.onError,
  };
}
