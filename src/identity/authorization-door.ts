import type { IncomingMessage, ServerResponse } from 'node:http';
import { errors } from 'oidc-provider';
import { createProvider, type AuthorizationServerOptions } from './authorization-server.ts';

/** A request as Node has it: the library speaks no other language. */
export interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** IP address of whoever sent it, as far as our proxies may be believed. */
  readonly address: string;
}

/** What a browser that was sent to the sign-in page is asked. */
export interface SignInAsked {
  readonly uid: string;
  /** `login`: who are you? `consent`: may this client? */
  readonly prompt: 'login' | 'consent';
  readonly clientId: string;
  /** As the client calls itself: not to be believed. */
  readonly clientName: string;
  readonly redirectUri: string;
  readonly resource: string;
  readonly scopes: readonly string[];
  /** Null: nobody is signed in yet. */
  readonly accountId: string | null;
}

/** The authorization server, mounted at `/oauth`. */
export interface AuthorizationDoor {
  /** Answers everything but the pages. */
  handle(exchange: Exchange): Promise<void>;
  /** Null: this browser was not sent to sign in, or the time for it is over. */
  asked(exchange: Exchange): Promise<SignInAsked | null>;
  /** All three give the address to go on to. */
  signedIn(exchange: Exchange, accountId: string): Promise<string>;
  allowed(exchange: Exchange): Promise<string>;
  declined(exchange: Exchange): Promise<string>;
  /** Whoever else is still signed in here in this browser is so no longer. What was allowed to clients stays. */
  endOthers(exchange: Exchange, accountId: string): Promise<void>;
}

const MOUNT = '/oauth';

export function openAuthorizationDoor(options: AuthorizationServerOptions): AuthorizationDoor {
  const provider = createProvider(options);
  const answer = provider.callback();
  const here = new URL(options.publicUrl);
  const interactionOf = async ({ incoming, outgoing }: Exchange) => {
    try {
      return await provider.interactionDetails(incoming, outgoing);
    } catch (error) {
      if (error instanceof errors.SessionNotFound) return null;
      throw error;
    }
  };
  const present = async (exchange: Exchange) => {
    const interaction = await interactionOf(exchange);
    if (interaction === null) throw new Error('the sign-in is over');
    return interaction;
  };
  return {
    async handle({ incoming, outgoing, address }) {
      // Which protocol and host we are known by is configured, whom a request is from was found out; what it says of them is
      // not asked.
      if (address === '') delete incoming.headers['x-forwarded-for'];
      else incoming.headers['x-forwarded-for'] = address;
      incoming.headers['host'] = here.host;
      incoming.headers['x-forwarded-proto'] = here.protocol.slice(0, -1);
      delete incoming.headers['x-forwarded-host'];
      const url = incoming.url ?? '/';
      Object.assign(incoming, { originalUrl: url, url: url.slice(MOUNT.length) || '/' });
      await answer(incoming, outgoing);
    },
    async asked(exchange) {
      const interaction = await interactionOf(exchange);
      if (interaction === null) return null;
      const { uid, prompt, params, session } = interaction;
      const clientId = textOf(params['client_id']);
      const client = await provider.Client.find(clientId);
      return {
        uid,
        prompt: prompt.name === 'login' ? 'login' : 'consent',
        clientId,
        clientName: client?.clientName ?? clientId,
        redirectUri: textOf(params['redirect_uri']) || (client?.redirectUris?.[0] ?? ''),
        resource: resourceIn(params, options.resources),
        scopes: askedScopes(params, options.scopes),
        accountId: session?.accountId ?? null,
      };
    },
    async signedIn({ incoming, outgoing }, accountId) {
      return provider.interactionResult(incoming, outgoing, { login: { accountId } });
    },
    async allowed(exchange) {
      const { params, session, grantId } = await present(exchange);
      if (session === undefined) throw new Error('nobody is signed in');
      const known = grantId === undefined ? undefined : await provider.Grant.find(grantId);
      const grant =
        known ?? new provider.Grant({ accountId: session.accountId, clientId: textOf(params['client_id']) });
      grant.addResourceScope(resourceIn(params, options.resources), askedScopes(params, options.scopes).join(' '));
      const consent = { grantId: await grant.save() };
      return provider.interactionResult(exchange.incoming, exchange.outgoing, { consent });
    },
    async declined({ incoming, outgoing }) {
      return provider.interactionResult(
        incoming,
        outgoing,
        { error: 'access_denied', error_description: 'the user said no' },
        { mergeWithLastSubmission: false },
      );
    },
    async endOthers({ incoming, outgoing }, accountId) {
      const session = await provider.Session.get(provider.createContext(incoming, outgoing));
      if (session.accountId !== undefined && session.accountId !== accountId) await session.destroy();
    },
  };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** One resource per sign-in: a client that names several gets the first that is ours. */
function resourceIn(params: Record<string, unknown>, ours: readonly string[]): string {
  const asked = [params['resource']].flat();
  return ours.find((resource) => asked.includes(resource)) ?? ours[0] ?? '';
}

/** What is asked for and exists here. */
const askedScopes = (params: Record<string, unknown>, ours: readonly string[]): readonly string[] =>
  ours.filter((scope) => textOf(params['scope']).split(' ').includes(scope));
