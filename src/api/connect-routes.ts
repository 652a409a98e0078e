import type { Context, Hono } from 'hono';
import { GantryError } from '../kernel/index.ts';
import type { ApiOptions } from './api.ts';
import { connectCookie, formProof, heldToken, requireOwnForm } from './connect-cookie.ts';
import { consentPage, failurePage, offerPage, outcomePage, type ConsentForm } from './connect-page.ts';
import { pageResponse } from './html-page.ts';
import { readForm } from './read-json.ts';
import { reportProblem } from './report-problem.ts';
import type { ApiEnv } from './respond.ts';

type Visit = Context<ApiEnv>;

/** The connect page: plain forms and redirects, for whoever holds a link that the product's backend asked for. */
export function addConnectRoutes<Session>(app: Hono<ApiEnv>, options: ApiOptions<Session>): void {
  const { connectPage } = options;
  const held = (context: Visit): string => {
    const token = heldToken(context.req.raw, connectPage.secure);
    if (token !== null) return token;
    throw new GantryError('connect_token_invalid', {
      message: 'This browser was not sent here by a connect link, or does not keep cookies.',
    });
  };
  /** What goes wrong becomes a page, and is told to the log without the address's query. */
  const page = (work: (context: Visit) => Promise<Response>) => async (context: Visit) => {
    try {
      return await work(context);
    } catch (thrown) {
      const problem = reportProblem(options, context, thrown);
      return pageResponse(failurePage(problem, false), problem.status);
    }
  };

  app.get(
    '/connect',
    page(async (context) => {
      const given = context.req.query('token');
      if (given !== undefined) {
        await connectPage.offer(given);
        return redirect('/connect', { 'set-cookie': connectCookie(given, connectPage.secure) });
      }
      const offer = await connectPage.offer(held(context));
      if (offer.used) return redirect('/connect/done');
      const [only, ...more] = offer.choices;
      if (only !== undefined && more.length === 0) return redirect(`/connect/to/${only.integration}`);
      return pageResponse(offerPage(offer), 200);
    }),
  );

  app.get(
    '/connect/to/:integration',
    page(async (context) => {
      const token = held(context);
      const consent = await connectPage.consent(token, context.req.param('integration') ?? '');
      const form = { consent, csrf: formProof(token), problem: null, typed: null };
      return pageResponse(consentPage(form), 200);
    }),
  );

  app.post(
    '/connect/to/:integration',
    page(async (context) => {
      const token = held(context);
      const integration = context.req.param('integration') ?? '';
      const form = await readForm(context.req.raw);
      requireOwnForm(context.req.raw, token, form.get('csrf') ?? undefined);
      const consent = await connectPage.consent(token, integration);
      try {
        return await signIn(options, { token, integration, form });
      } catch (thrown) {
        const problem = reportProblem(options, context, thrown);
        const shown = { consent, csrf: formProof(token), problem, typed: typedIn(form, consent.methods) };
        return pageResponse(consentPage(shown), problem.status);
      }
    }),
  );

  app.get(
    '/connect/done',
    page(async (context) => {
      const outcome = await connectPage.outcome(held(context));
      return outcome === null ? redirect('/connect') : pageResponse(outcomePage(outcome), 200);
    }),
  );
}

async function signIn<Session>(
  { connectPage }: ApiOptions<Session>,
  sent: { readonly token: string; readonly integration: string; readonly form: URLSearchParams },
): Promise<Response> {
  const { token, integration, form } = sent;
  const way = form.get('way') ?? '';
  if (way === 'browser') {
    const loginUrl = (form.get('login_url') ?? '').trim();
    const request = { integration, ...(loginUrl === '' ? {} : { loginUrl }) };
    return redirect(await connectPage.startBrowser(token, request));
  }
  await connectPage.enter(token, { integration, method: way, values: valuesIn(form) });
  return redirect('/connect/done');
}

/** A form posted is a page gotten: 303, so that going back or reloading sends nothing twice. */
export function redirect(location: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(null, {
    status: 303,
    headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', ...headers },
  });
}

const VALUE = 'value.';

function valuesIn(form: URLSearchParams): Record<string, string> {
  const entries = [...form].filter(([name]) => name.startsWith(VALUE));
  return Object.fromEntries(entries.map(([name, value]) => [name.slice(VALUE.length), value]));
}

/** Secrets do not go back into a page. */
function typedIn(form: URLSearchParams, methods: ConsentForm['consent']['methods']): ConsentForm['typed'] {
  const way = form.get('way') ?? '';
  if (way === 'browser') return { way, values: { login_url: form.get('login_url') ?? '' } };
  const plain = new Set(
    methods.find(({ name }) => name === way)?.fields.flatMap(({ name, secret }) => (secret ? [] : [name])),
  );
  return { way, values: Object.fromEntries(Object.entries(valuesIn(form)).filter(([name]) => plain.has(name))) };
}
