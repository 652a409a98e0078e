import type { Clock, Random } from '../../kernel/index.ts';
import type { AccessToken } from '../contract.ts';
import type { DeclaredCredential, Placed } from './auth-declaration.ts';
import { oauth1Header } from './oauth1.ts';

/** How one call shows who calls. `query` is added to the call's own. */
export interface Carried {
  readonly headers: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
}

export interface CarriedCall {
  readonly method: string;
  /** With its query. */
  readonly url: string;
}

/** Null: as a bearer token. */
export type Carry = (token: AccessToken, call: CarriedCall) => Carried | null;

/** Where a token says which declared way in it came by; absent after a browser's OAuth. */
export const SIGNED_IN_BY = 'signed_in_by';

/** Sends what a declared way in gave, in that way's own form. */
export function carryOf(
  credentials: readonly DeclaredCredential[],
  deps: { readonly clock: Clock; readonly random: Random },
): Carry {
  return (token, call) => {
    const by = token.context?.[SIGNED_IN_BY];
    const way = by === undefined ? undefined : credentials.find(({ name }) => name === by);
    switch (way?.kind) {
      case undefined:
      case 'client_credentials':
      case 'jwt_bearer':
        return null;
      case 'api_key':
      case 'session':
        return placed(way.send, token.accessToken);
      case 'basic':
        return {
          headers: { authorization: `Basic ${base64(`${token.context?.['user'] ?? ''}:${token.accessToken}`)}` },
        };
      case 'oauth1':
        return { headers: { authorization: signed(token, call, deps) } };
    }
  };
}

function placed(send: Placed, value: string): Carried {
  const text = `${send.prefix}${value}`;
  switch (send.in) {
    case 'header':
      return { headers: { [send.name.toLowerCase()]: text } };
    case 'cookie':
      return { headers: { cookie: `${send.name}=${text}` } };
    case 'query':
      return { headers: {}, query: { [send.name]: text } };
  }
}

function signed(
  { accessToken, context = {} }: AccessToken,
  call: CarriedCall,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): string {
  const realm = context['realm'];
  return oauth1Header(
    {
      consumerKey: context['consumer_key'] ?? '',
      consumerSecret: context['consumer_secret'] ?? '',
      token: accessToken,
      tokenSecret: context['token_secret'] ?? '',
      ...(realm === undefined ? {} : { realm }),
    },
    call,
    {
      timestamp: Math.floor(clock.now().getTime() / 1_000),
      nonce: Buffer.from(random.bytes(16)).toString('hex'),
    },
  );
}

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
