import type { JWK } from 'jose';
import { errors, Provider, type Adapter, type Configuration, type KoaContextWithOIDC } from 'oidc-provider';
import { limits } from '../kernel/index.ts';
import { oauthAdapter, type OauthItems } from './oauth-store.ts';
import { EXCHANGE, exchangeParameters, type Exchanged, type ExchangeRequest } from './exchange-types.ts';
import { readExchange } from './token-exchange.ts';

/** A client that the product team declared: a public one, known by the agent's name. */
export interface DeclaredClient {
  readonly id: string;
  readonly title: string;
  /** Empty: it only exchanges tokens. */
  readonly redirectUris: readonly string[];
}

export interface AuthorizationServerOptions {
  readonly publicUrl: string;
  /** What tokens may be asked for; the first where a client does not say. */
  readonly resources: readonly string[];
  readonly scopes: readonly string[];
  /** The first signs. */
  readonly keys: readonly JWK[];
  /** The first signs cookies. */
  readonly cookieKeys: readonly string[];
  /** How long a browser stays signed in here. */
  readonly sessionS: number;
  readonly items: OauthItems;
  /** Null: nobody declared it. */
  readonly declared: (id: string) => Promise<DeclaredClient | null>;
  /** Whether some agent names this client's metadata document: no other is fetched. */
  readonly isKnownClient: (id: string) => Promise<boolean>;
  /** The document, by the guarded way out. */
  readonly fetchDocument: (url: string) => Promise<Response>;
  /** What a token says of an account, beside its id. Null: the account is gone, or the client is no agent there any more. */
  readonly claimsOf: (accountId: string, clientId: string) => Promise<TokenClaims | null>;
  /** Raises GantryErrors. */
  readonly exchange: (request: ExchangeRequest) => Promise<Exchanged>;
  /** A page for people who came with a request that is none. */
  readonly errorPage: (message: string) => Response;
  readonly onError: (cause: unknown) => void;
}

export interface TokenClaims {
  readonly sub: string;
  readonly tenant: string;
}

/** OAuth 2.1 for people and their clients: code with PKCE, refresh, token exchange, revocation. */
export function createProvider(options: AuthorizationServerOptions): Provider {
  const issuer = `${options.publicUrl}/oauth`;
  const provider = new Provider(issuer, configurationOf(options));
  // What the request says of protocol and host is written by us (authorization-door.ts).
  provider.proxy = true;
  provider.registerGrantType(EXCHANGE, exchangeHandler(options), [...exchangeParameters], ['resource']);
  provider.on('server_error', (_, cause) => options.onError(cause));
  return provider;
}

function configurationOf(options: AuthorizationServerOptions): Configuration {
  const { items, keys, cookieKeys } = options;
  const cookie = { signed: true, httpOnly: true, sameSite: 'lax' as const };
  return {
    adapter: (kind: string): Adapter =>
      kind === 'Client' ? clientAdapter(options.declared) : oauthAdapter(kind, items),
    jwks: { keys: [...keys] as never },
    // Ours belong to the resource (below); these would be those of OpenID Connect.
    scopes: [],
    claims: {},
    responseTypes: ['code'],
    pkce: { required: () => true },
    clientDefaults: {
      grant_types: ['authorization_code', 'refresh_token'],
      id_token_signed_response_alg: 'ES256',
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    clientAuthMethods: ['none'],
    enabledJWA: {
      idTokenSigningAlgValues: ['ES256'],
      requestObjectSigningAlgValues: ['ES256'],
      clientAuthSigningAlgValues: ['ES256'],
    },
    cookies: {
      keys: [...cookieKeys],
      names: { session: 'gantry_session', interaction: 'gantry_sign_in', resume: 'gantry_resume' },
      long: cookie,
      short: cookie,
    },
    routes: { authorization: '/auth' },
    interactions: { url: (_, { uid }) => `/oauth/sign-in/${uid}` },
    // Web pages whose clients run in browsers hold no cookies here: what they present decides, and it is theirs.
    clientBasedCORS: (_, origin, client) => client.redirectUris?.some((uri) => originOf(uri) === origin) === true,
    features: {
      devInteractions: { enabled: false },
      // A proof that the resource server would not check would be worse than none.
      dPoP: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      // A client may give back what is its own.
      revocation: {
        enabled: true,
        allowedPolicy: async (_, client, token) => token.clientId === client.clientId,
      },
      clientIdMetadataDocument: {
        enabled: true,
        ack: 'draft-02',
        allowFetch: (_: KoaContextWithOIDC, id: string) => options.isKnownClient(id),
        allowClient: (_: KoaContextWithOIDC, { clientId }: { readonly clientId: string }) =>
          options.isKnownClient(clientId),
      },
      resourceIndicators: resourcesOf(options),
    },
    fetch: async (url: string | URL | Request) =>
      options.fetchDocument(url instanceof Request ? url.url : url.toString()),
    extraTokenClaims: async (_, token) =>
      'grantId' in token && typeof token.grantId === 'string' ? { grant: token.grantId } : {},
    formats: { customizers: { jwt: (_, token, parts) => customised(options, token, parts) } },
    findAccount: async (_, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    expiresWithSession: async () => false,
    issueRefreshToken: async (_, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    ttl: {
      AccessToken: limits.accessTokenS,
      AuthorizationCode: 60,
      Grant: limits.refreshTokenS,
      IdToken: limits.accessTokenS,
      Interaction: 900,
      RefreshToken: limits.refreshTokenS,
      Session: options.sessionS,
    },
    renderError: async (context, { error_description: description, error }) => {
      const page = options.errorPage(description ?? error);
      context.status = page.status;
      context.set(Object.fromEntries(page.headers));
      context.body = await page.text();
    },
  };
}

const originOf = (uri: string): string | null => (URL.canParse(uri) ? new URL(uri).origin : null);

/** RFC 8707: tokens are for us, whichever of our addresses was named, and signed so that we can check them alone. */
function resourcesOf({ resources, scopes }: AuthorizationServerOptions) {
  const [main = ''] = resources;
  return {
    enabled: true,
    defaultResource: async (_: KoaContextWithOIDC, __: unknown, oneOf?: readonly string[]) => oneOf?.[0] ?? main,
    useGrantedResource: async () => true,
    getResourceServerInfo: async (_: KoaContextWithOIDC, resource: string) => {
      if (!resources.includes(resource)) throw new errors.InvalidTarget();
      return {
        scope: scopes.join(' '),
        audience: resource,
        accessTokenTTL: limits.accessTokenS,
        accessTokenFormat: 'jwt' as const,
        jwt: { sign: { alg: 'ES256' as const } },
      };
    },
  };
}

/** Accounts have ids of ours; the token says the product's name for the user, and whose customer it is. */
async function customised(
  { claimsOf }: AuthorizationServerOptions,
  token: object,
  parts: { payload?: Record<string, unknown> | undefined },
): Promise<void> {
  const { accountId, clientId } = token as { readonly accountId?: string; readonly clientId?: string };
  if (accountId === undefined || clientId === undefined || parts.payload === undefined) return;
  const claims = await claimsOf(accountId, clientId);
  if (claims === null) throw new errors.InvalidGrant('the user or the client is not known any more');
  Object.assign(parts.payload, claims);
}

/** Clients that are known by an agent's name; the library keeps none itself, since nobody can register one. */
function clientAdapter(declared: AuthorizationServerOptions['declared']): Adapter {
  const refused = async (): Promise<never> => {
    throw new Error('clients are declared in gantry.yaml, not registered');
  };
  return {
    async find(id) {
      const client = await declared(id);
      if (client === null) return undefined;
      const { redirectUris, title } = client;
      const interactive = redirectUris.length > 0;
      return {
        client_id: id,
        client_name: title,
        application_type: redirectUris.some((uri) => !uri.startsWith('https:')) ? 'native' : 'web',
        redirect_uris: [...redirectUris],
        response_types: interactive ? ['code'] : [],
        grant_types: interactive ? ['authorization_code', 'refresh_token', EXCHANGE] : [EXCHANGE],
        token_endpoint_auth_method: 'none',
      };
    },
    upsert: refused,
    consume: refused,
    destroy: refused,
    revokeByGrantId: refused,
    findByUserCode: async () => undefined,
    findByUid: async () => undefined,
  };
}

type Handler = Parameters<Provider['registerGrantType']>[1];

function exchangeHandler(options: AuthorizationServerOptions): Handler {
  return async (context) => {
    const { params, client } = context.oidc;
    const from = { clientId: client?.clientId ?? '', address: context.ip };
    context.body = await readExchange(params, from, options);
  };
}
