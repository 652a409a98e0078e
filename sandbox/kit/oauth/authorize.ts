import { html, redirect, type Handler, type SandboxResponse } from '../http.ts';
import { errorPage, loginPage } from './login-page.ts';
import type { TokenStore } from './token-store.ts';
import type { OAuthClient, SandboxUser } from './types.ts';

export interface AuthorizeOptions {
  readonly title: string;
  readonly path: string;
  client(): OAuthClient;
  readonly users: readonly SandboxUser[];
  readonly tokens: TokenStore;
  readonly defaultScope: string;
}

interface AuthorizeRequest {
  readonly redirectUri: string;
  readonly clientId: string;
  readonly state: string | null;
  readonly scope: string;
  readonly challenge: string;
}

const CARRIED = [
  'response_type',
  'client_id',
  'redirect_uri',
  'state',
  'scope',
  'code_challenge',
  'code_challenge_method',
];

/**
 * The two handlers of an authorization endpoint: the page (GET) and its form
 * (POST, same path). PKCE with S256 is required. Faults in the client id or
 * the redirect address end on a page; others go back to the app as RFC 6749
 * §4.1.2.1 says.
 */
export function createAuthorize(options: AuthorizeOptions): { readonly page: Handler; readonly submit: Handler } {
  const render = (input: ReadonlyMap<string, string>, scope: string, message: string | null): string =>
    loginPage({ title: options.title, action: options.path, hidden: carried(input), scope, message });

  return {
    page: (request) => {
      const input = new Map(request.query);
      const parsed = parseRequest(input, options);
      return isResponse(parsed) ? parsed : html(200, render(input, parsed.scope, null));
    },
    submit: (request) => {
      const input = new Map(new URLSearchParams(request.body));
      const parsed = parseRequest(input, options);
      if (isResponse(parsed)) return parsed;
      if (input.get('decision') === 'deny') {
        return back(parsed.redirectUri, parsed.state, {
          error: 'access_denied',
          error_description: 'end-user denied authorization',
        });
      }
      const user = options.users.find((one) => one.username === input.get('username')?.trim().toLowerCase());
      if (user === undefined || user.password !== input.get('password')) {
        return html(200, render(input, parsed.scope, 'Please check your username and password.'));
      }
      if (!user.active) return html(200, render(input, parsed.scope, 'This user is inactive. Ask your administrator.'));
      const code = options.tokens.issueCode({ user, ...parsed });
      return { ...back(parsed.redirectUri, parsed.state, { code }), user: user.username };
    },
  };
}

function parseRequest(
  input: ReadonlyMap<string, string>,
  options: AuthorizeOptions,
): AuthorizeRequest | SandboxResponse {
  const client = options.client();
  const redirectUri = input.get('redirect_uri') ?? '';
  if (input.get('client_id') !== client.clientId)
    return html(400, errorPage('invalid_client_id', 'client identifier invalid'));
  if (!client.redirectUris.includes(redirectUri)) {
    return html(400, errorPage('redirect_uri_mismatch', 'redirect_uri must match configuration'));
  }
  const state = input.get('state') ?? null;
  const refuse = (error: string, description: string): SandboxResponse =>
    back(redirectUri, state, { error, error_description: description });
  if (input.get('response_type') !== 'code') return refuse('unsupported_response_type', 'response type must be code');
  const challenge = input.get('code_challenge');
  if (challenge === undefined) return refuse('invalid_request', 'missing required code challenge');
  if (input.get('code_challenge_method') !== 'S256' || !/^[A-Za-z0-9\-_]{43}$/.test(challenge)) {
    return refuse('invalid_request', 'code challenge method must be S256');
  }
  return {
    redirectUri,
    clientId: client.clientId,
    state,
    scope: input.get('scope') ?? options.defaultScope,
    challenge,
  };
}

function isResponse(value: AuthorizeRequest | SandboxResponse): value is SandboxResponse {
  return 'status' in value;
}

function back(redirectUri: string, state: string | null, values: Readonly<Record<string, string>>): SandboxResponse {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(values)) url.searchParams.set(name, value);
  if (state !== null) url.searchParams.set('state', state);
  return redirect(url.toString());
}

function carried(input: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map(CARRIED.flatMap((name) => (input.has(name) ? [[name, input.get(name) ?? ''] as const] : [])));
}
