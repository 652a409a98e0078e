import type { Context, Hono } from 'hono';
import * as z from 'zod';
import { abortTogether, GantryError, limits, toGantryError } from '../kernel/index.ts';
import type { ApiOptions } from './api.ts';
import { requireKey } from './authenticate.ts';
import type { ConsoleFile, ConsoleUseCases } from './console-ports.ts';
import { consoleCookie, heldConsoleSession, requireOwnPage } from './console-session.ts';
import { consoleStream } from './console-stream.ts';
import { html, pageResponse } from './html-page.ts';
import { readBody } from './operator-requests.ts';
import { readJson } from './read-json.ts';
import { jsonResponse, type ApiEnv } from './respond.ts';

export const consoleSignInBody = z.strictObject({ key: z.string().trim().min(1).max(16_000) });

/** Without `tenant`: of what waits for people of any tenant. */
const eventsQuery = z.strictObject({ tenant: z.string().min(1).max(100).exactOptional() });

/** The operators' console: its files, who is signed in, and what is new. */
export function addConsoleRoutes<Session>(app: Hono<ApiEnv>, options: ApiOptions<Session>): void {
  const { console: cases, authenticateOperator } = options;
  const operatorOf = ({ req }: Context<ApiEnv>) => requireKey(req.raw, authenticateOperator, 'operator');
  const cookie = (session: string, ms: number): string => consoleCookie(session, cases.secure, ms / 1_000);

  addFiles(app, cases);

  app.post('/v1/console/session', async (context) => {
    requireOwnPage(context.req.raw);
    const { key } = readBody(consoleSignInBody, await readJson(context.req.raw));
    const { session, operator } = await cases.signIn(key);
    const answer = jsonResponse(shown(operator), 200, context.get('requestId'));
    answer.headers.set('set-cookie', cookie(session, limits.consoleSessionMs));
    return answer;
  });

  app.get('/v1/console/session', async (context) =>
    jsonResponse(shown(await operatorOf(context)), 200, context.get('requestId')),
  );

  app.delete('/v1/console/session', async (context) => {
    const session = heldConsoleSession(context.req.raw, cases.secure);
    if (session === null) throw new GantryError('unauthenticated', { message: 'Nobody is signed in here.' });
    requireOwnPage(context.req.raw);
    await cases.signOut(session);
    const answer = jsonResponse({ state: 'signed_out' }, 200, context.get('requestId'));
    answer.headers.set('set-cookie', cookie('', 0));
    return answer;
  });

  app.get('/v1/tenants', async (context) => {
    const slugs = await cases.tenants(await operatorOf(context));
    return jsonResponse({ tenants: slugs.map((tenant) => ({ tenant })) }, 200, context.get('requestId'));
  });

  app.get('/v1/console/events', async (context) => {
    const operator = await operatorOf(context);
    const request = readBody(eventsQuery, context.req.query());
    const ended = new AbortController();
    const release = abortTogether(ended, [context.req.raw.signal]);
    const stop = (): void => {
      ended.abort(new Error('the stream ended'));
      release();
    };
    try {
      return consoleStream(await cases.follow(operator, request, ended.signal), {
        stop,
        onFailed: (cause) => {
          const { code, status } = toGantryError(cause);
          const requestId = context.get('requestId');
          options.onError?.({ requestId, method: 'GET', path: context.req.path, code, status, cause });
        },
      });
    } catch (error) {
      stop();
      throw error;
    }
  });
}

/** A key without a name may do everything. */
const shown = ({ name, role }: { readonly name: string; readonly role?: string }) => ({
  name,
  role: role ?? 'admin',
  /** Whether it is one person's own: only such decide. */
  person: role !== undefined,
});

/** Nothing but our own files runs, loads or is asked, and nobody frames it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

function addFiles(app: Hono<ApiEnv>, { file }: ConsoleUseCases): void {
  app.get('/console', () => new Response(null, { status: 308, headers: { location: '/console/' } }));
  app.get('/console/', async () => {
    const index = await file('index.html');
    return index === null ? notBuilt() : fileResponse(index, 'no-cache');
  });
  app.get('/console/assets/:name', async (context) => {
    const found = await file(`assets/${context.req.param('name')}`);
    // Their names change with what is in them.
    return found === null ? context.notFound() : fileResponse(found, 'public, max-age=31536000, immutable');
  });
}

const fileResponse = ({ bytes, type }: ConsoleFile, cacheControl: string): Response =>
  new Response(new Uint8Array(bytes), {
    headers: {
      'content-type': type,
      'cache-control': cacheControl,
      'content-security-policy': POLICY,
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    },
  });

const notBuilt = (): Response =>
  pageResponse(
    {
      title: 'Console',
      body: html`<h1>The console was not built</h1>
        <p>Run <code>npm run build:ui</code> where Gantry is installed, and load this page again.</p>`,
    },
    503,
  );
