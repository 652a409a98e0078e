import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context, Hono } from 'hono';
import { fromOf } from '../kernel/index.ts';
import type { Exchange } from '../identity/index.ts';
import type { ApiErrorEvent } from './api.ts';
import { formProof, requireOwnForm } from './connect-cookie.ts';
import { redirect } from './connect-routes.ts';
import { pageResponse } from './html-page.ts';
import { readForm } from './read-json.ts';
import { reportProblem } from './report-problem.ts';
import type { ApiEnv } from './respond.ts';
import { clientConsentPage, loginPage, signedInPage, signInFailurePage } from './sign-in-pages.ts';
import type { SignInPageUseCases } from './sign-in-ports.ts';

export interface SignInRouteOptions {
  readonly signIn: SignInPageUseCases;
  /** Raises `host_refused`. */
  readonly checkHost: (host: string | undefined) => void;
  readonly onError?: (event: ApiErrorEvent) => void;
}

type Visit = Context<ApiEnv>;

/** The last part of an address names an attempt of somebody's to sign in. */
const LOGGED_AS = '/oauth/sign-in';

/** Our own authorization server: its pages, and everything that it answers itself. */
export function addSignInRoutes(app: Hono<ApiEnv>, options: SignInRouteOptions): void {
  const { signIn, checkHost } = options;
  const page = (work: (context: Visit) => Promise<Response>) => async (context: Visit) => {
    try {
      checkHost(context.req.header('host'));
      return await work(context);
    } catch (thrown) {
      const problem = reportProblem(options, context, thrown, LOGGED_AS);
      return pageResponse(signInFailurePage(problem), problem.status);
    }
  };

  app.get(
    '/oauth/sign-in/link',
    page(async (context) => {
      const session = await signIn.redeem(exchangeOf(context), context.req.query('token') ?? '');
      const headers = { 'set-cookie': userCookie(session, signIn.secure) };
      const uid = context.req.query('to');
      if (uid !== undefined && UID.test(uid)) return redirect(`/oauth/sign-in/${uid}`, headers);
      const shown = pageResponse(signedInPage, 200);
      shown.headers.set('set-cookie', headers['set-cookie']);
      return shown;
    }),
  );

  app.get(
    '/oauth/sign-in/:uid',
    page(async (context) => {
      const visit = await signIn.visit(exchangeOf(context), heldSession(context.req.raw, signIn.secure));
      if (visit.kind === 'go') return redirect(visit.to);
      const csrf = formProof(visit.uid);
      if (visit.kind === 'consent') return pageResponse(clientConsentPage(visit, csrf), 200);
      return pageResponse(loginPage(visit, { csrf, problem: null, organisation: '', user: '' }), 200);
    }),
  );

  app.post(
    '/oauth/sign-in/:uid/password',
    page(async (context) => {
      const form = await ownForm(context);
      const organisation = (form.get('organisation') ?? '').trim();
      const user = (form.get('user') ?? '').trim();
      const exchange = exchangeOf(context);
      try {
        const password = form.get('password') ?? '';
        return redirect(await signIn.withPassword(exchange, { organisation, user, password }));
      } catch (thrown) {
        const problem = reportProblem(options, context, thrown, LOGGED_AS);
        const visit = await signIn.visit(exchange, null);
        if (visit.kind !== 'login') throw thrown;
        const shown = { csrf: formProof(visit.uid), problem, organisation, user };
        return pageResponse(loginPage(visit, shown), problem.status);
      }
    }),
  );

  app.post(
    '/oauth/sign-in/:uid/consent',
    page(async (context) => {
      const form = await ownForm(context);
      return redirect(await signIn.decide(exchangeOf(context), form.get('way') === 'allow'));
    }),
  );

  const handle = async (context: Visit): Promise<Response> => {
    checkHost(context.req.header('host'));
    await signIn.handle(exchangeOf(context));
    return RESPONSE_ALREADY_SENT;
  };
  // RFC 8414 §3.1 puts the issuer's path behind the well-known one.
  for (const name of ['oauth-authorization-server', 'openid-configuration']) {
    app.get(`/.well-known/${name}/oauth`, async (context) => {
      const { incoming } = exchangeOf(context);
      incoming.url = '/oauth/.well-known/openid-configuration';
      return handle(context);
    });
  }
  app.all('/oauth/*', handle);
}

const UID = /^[\w-]{10,64}$/;

/** Only served over sockets: whoever calls the app otherwise has no browser to sign in. */
function exchangeOf(context: Visit): Exchange {
  const { incoming, outgoing } = context.env as HttpBindings;
  return { incoming, outgoing, address: fromOf(context.req.raw).address ?? '' };
}

async function ownForm(context: Visit): Promise<URLSearchParams> {
  const form = await readForm(context.req.raw);
  requireOwnForm(context.req.raw, context.req.param('uid') ?? '', form.get('csrf') ?? undefined);
  return form;
}

const cookieName = (secure: boolean): string => (secure ? '__Secure-gantry_user' : 'gantry_user');

function userCookie(session: string, secure: boolean): string {
  return `${cookieName(secure)}=${session}; Path=/oauth/sign-in; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}

function heldSession(request: Request, secure: boolean): string | null {
  const prefix = `${cookieName(secure)}=`;
  const cookies = (request.headers.get('cookie') ?? '').split(';').map((part) => part.trim());
  return cookies.find((part) => part.startsWith(prefix))?.slice(prefix.length) ?? null;
}
