import {
  html,
  redirect,
  type Handler,
  type OAuthClient,
  type SandboxResponse,
  type SandboxUser,
  type TokenStore,
} from '../../kit/index.ts';
import type { Consent } from './consents.ts';
import { consentPage, refusalPage } from './pages.ts';
import { unknownScopes } from './scopes.ts';
import { CODE_PREFIX } from './token.ts';

export const AUTHORIZE_PATH = '/o/oauth2/v2/auth';

const CARRIED = [
  'response_type',
  'client_id',
  'redirect_uri',
  'scope',
  'state',
  'access_type',
  'prompt',
  'include_granted_scopes',
  'login_hint',
  'code_challenge',
  'code_challenge_method',
];

export interface AuthorizeOptions {
  readonly company: string;
  client(): OAuthClient;
  readonly users: readonly SandboxUser[];
  readonly tokens: TokenStore;
  /** Told for each code that leaves. */
  agreed(code: string, consent: Consent): void;
}

interface Asked extends Consent {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scope: string;
  readonly state: string | null;
  readonly challenge: string | null;
}

/**
 * The consent page and its form. PKCE is optional for web applications; faults
 * in the request end on a page, the person's refusal goes back to the app.
 * Source: "Using OAuth 2.0 for Web Server Applications".
 */
export function createConsent(options: AuthorizeOptions): { readonly page: Handler; readonly submit: Handler } {
  const render = (input: ReadonlyMap<string, string>, scope: string, message: string | null): SandboxResponse =>
    html(
      200,
      consentPage({
        company: options.company,
        action: AUTHORIZE_PATH,
        hidden: new Map(CARRIED.flatMap((name) => (input.has(name) ? [[name, input.get(name) ?? ''] as const] : []))),
        hint: input.get('login_hint') ?? '',
        scope,
        message,
      }),
    );
  return {
    page: (request) => {
      const input = new Map(request.query);
      const asked = parseAsked(input, options.client());
      return 'status' in asked ? asked : render(input, asked.scope, null);
    },
    submit: (request) => {
      const input = new Map(new URLSearchParams(request.body));
      const asked = parseAsked(input, options.client());
      if ('status' in asked) return asked;
      if (input.get('decision') === 'deny') return back(asked, { error: 'access_denied' });
      const user = options.users.find((one) => one.username === input.get('username')?.trim().toLowerCase());
      if (user === undefined || user.password !== input.get('password'))
        return render(input, asked.scope, 'Wrong email or password. Try again.');
      if (!user.active) return render(input, asked.scope, 'This account was disabled by its administrator.');
      const code = `${CODE_PREFIX}${options.tokens.issueCode({ user, ...asked })}`;
      options.agreed(code, asked);
      const prompt = asked.prompted ? 'consent' : 'none';
      return { ...back(asked, { code, scope: asked.scope, authuser: '0', prompt }), user: user.username };
    },
  };
}

function parseAsked(input: ReadonlyMap<string, string>, client: OAuthClient): Asked | SandboxResponse {
  const refuse = (status: number, code: string, message: string): SandboxResponse =>
    html(status, refusalPage(status, code, message));
  const missing = ['client_id', 'redirect_uri', 'response_type', 'scope'].find((name) => !input.get(name));
  if (missing !== undefined) return refuse(400, 'invalid_request', `Missing required parameter: ${missing}`);
  if (input.get('client_id') !== client.clientId)
    return refuse(401, 'invalid_client', 'The OAuth client was not found.');
  const redirectUri = input.get('redirect_uri') ?? '';
  if (!client.redirectUris.includes(redirectUri))
    return refuse(400, 'redirect_uri_mismatch', `The redirect URI in the request is not registered: ${redirectUri}`);
  if (input.get('response_type') !== 'code')
    return refuse(400, 'unsupported_response_type', `Invalid response_type: ${input.get('response_type') ?? ''}`);
  const scope = (input.get('scope') ?? '').split(/\s+/).join(' ');
  const unknown = unknownScopes(scope);
  if (unknown.length > 0)
    return refuse(400, 'invalid_scope', `Some requested scopes were invalid: ${unknown.join(', ')}`);
  const accessType = input.get('access_type') ?? 'online';
  if (accessType !== 'online' && accessType !== 'offline')
    return refuse(400, 'invalid_request', `Invalid access_type: ${accessType}`);
  const challenge = input.get('code_challenge') ?? null;
  if (challenge !== null && input.get('code_challenge_method') !== 'S256')
    return refuse(400, 'invalid_request', 'This sandbox knows the code challenge method S256 only.');
  return {
    clientId: client.clientId,
    redirectUri,
    scope,
    state: input.get('state') ?? null,
    challenge,
    offline: accessType === 'offline',
    prompted: (input.get('prompt') ?? '').split(' ').includes('consent'),
  };
}

function back({ redirectUri, state }: Asked, values: Readonly<Record<string, string>>): SandboxResponse {
  const url = new URL(redirectUri);
  if (state !== null) url.searchParams.set('state', state);
  for (const [name, value] of Object.entries(values)) url.searchParams.set(name, value);
  return redirect(url.toString());
}
