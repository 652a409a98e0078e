import type { Context, Hono } from 'hono';
import { GantryError, limits } from '../kernel/index.ts';
import type { ApiErrorEvent } from './api.ts';
import { approvalFailurePage, approvalListPage, approvalPage, approvalSignInPage } from './approval-pages.ts';
import type { ApprovalPageUseCases, ApprovalSaid, ApprovalVerdict, OfApproval } from './approval-ports.ts';
import { formProof, requireOwnForm } from './connect-cookie.ts';
import { redirect } from './connect-routes.ts';
import { pageResponse } from './html-page.ts';
import type { Operator } from './ports.ts';
import { readForm } from './read-json.ts';
import { reportProblem } from './report-problem.ts';
import type { ApiEnv } from './respond.ts';

export interface ApprovalPageOptions {
  readonly approvalPage: ApprovalPageUseCases;
  /** Raises `host_refused`. */
  readonly checkHost: (host: string | undefined) => void;
  readonly onError?: (event: ApiErrorEvent) => void;
}

type Visit = Context<ApiEnv>;

/** An address with a link's token stands in no log. */
const LOGGED_AS = '/approvals';

/** Where people decide with a browser: signed in, or by a link that was sent to them alone. */
export function addApprovalPageRoutes(app: Hono<ApiEnv>, options: ApprovalPageOptions): void {
  const { approvalPage: approvals, checkHost } = options;
  const page = (work: (context: Visit) => Promise<Response>) => async (context: Visit) => {
    try {
      checkHost(context.req.header('host'));
      return await work(context);
    } catch (thrown) {
      const problem = reportProblem(options, context, thrown, LOGGED_AS);
      return pageResponse(approvalFailurePage(problem), problem.status);
    }
  };
  /** For whoever is signed in; everybody else signs in first and comes back. */
  const signedIn = (work: (context: Visit, by: SignedIn) => Promise<Response>) =>
    page(async (context) => {
      const session = heldSession(context.req.raw, approvals.secure);
      const operator = session === null ? null : await approvals.who(session);
      if (session !== null && operator !== null) return work(context, { session, operator });
      return redirect(`/approvals/sign-in?to=${encodeURIComponent(new URL(context.req.url).pathname)}`);
    });

  addSignIn(app, { ...options, page });

  app.get(
    '/approvals',
    signedIn(async (_context, { session, operator }) =>
      pageResponse(approvalListPage(await approvals.list(operator), operator.name, formProof(session)), 200),
    ),
  );

  // Following a link shows, and does nothing: mail scanners follow links.
  app.get(
    '/approvals/link',
    page(async (context) => {
      const token = context.req.query('token') ?? '';
      const view = await approvals.viewByLink(token);
      return pageResponse(approvalPage(view, linkForm(token, null)), 200);
    }),
  );
  app.post(
    '/approvals/link',
    page(async (context) => {
      const form = await readForm(context.req.raw);
      const token = form.get('token') ?? '';
      requireApprovalForm(context.req.raw, token, form.get('csrf') ?? undefined);
      try {
        const view = await approvals.decideByLink(token, saidIn(form));
        return pageResponse(approvalPage(view, linkForm(token, null)), 200);
      } catch (thrown) {
        const problem = reportProblem(options, context, thrown, LOGGED_AS);
        const view = await approvals.viewByLink(token);
        return pageResponse(approvalPage(view, linkForm(token, problem)), problem.status);
      }
    }),
  );

  app.get(
    '/approvals/:tenant/:id',
    signedIn(async (context, { session, operator }) => {
      const of = approvalIn(context);
      const view = await approvals.view(operator, of);
      return pageResponse(approvalPage(view, sessionForm(of, session, null)), 200);
    }),
  );
  app.post(
    '/approvals/:tenant/:id',
    signedIn(async (context, { session, operator }) => {
      const of = approvalIn(context);
      const form = await readForm(context.req.raw);
      requireApprovalForm(context.req.raw, session, form.get('csrf') ?? undefined);
      try {
        await approvals.decide(operator, { ...of, ...saidIn(form) });
        return redirect(`/approvals/${encodeURIComponent(of.tenant)}/${String(of.id)}`);
      } catch (thrown) {
        const problem = reportProblem(options, context, thrown, LOGGED_AS);
        const view = await approvals.view(operator, of);
        return pageResponse(approvalPage(view, sessionForm(of, session, problem)), problem.status);
      }
    }),
  );
}

interface SignedIn {
  readonly session: string;
  readonly operator: Operator;
}

type Wrap = (work: (context: Visit) => Promise<Response>) => (context: Visit) => Promise<Response>;

function addSignIn(app: Hono<ApiEnv>, options: ApprovalPageOptions & { readonly page: Wrap }): void {
  const { approvalPage: approvals, page } = options;
  app.get(
    '/approvals/sign-in',
    page(async (context) => pageResponse(approvalSignInPage(wayBack(context.req.query('to')), null), 200)),
  );
  app.post(
    '/approvals/sign-in',
    page(async (context) => {
      const form = await readForm(context.req.raw);
      const to = wayBack(form.get('to') ?? undefined);
      refuseOtherSites(context.req.raw);
      try {
        const session = await approvals.signIn((form.get('key') ?? '').trim());
        return redirect(to, {
          'set-cookie': sessionCookie(session, approvals.secure, limits.approvalSessionMs / 1_000),
        });
      } catch (thrown) {
        const problem = reportProblem(options, context, thrown, LOGGED_AS);
        return pageResponse(approvalSignInPage(to, problem), problem.status);
      }
    }),
  );
  app.post(
    '/approvals/sign-out',
    page(async (context) => {
      const session = heldSession(context.req.raw, approvals.secure);
      const form = await readForm(context.req.raw);
      if (session !== null) {
        requireApprovalForm(context.req.raw, session, form.get('csrf') ?? undefined);
        await approvals.signOut(session);
      }
      return redirect('/approvals/sign-in', { 'set-cookie': sessionCookie('', approvals.secure, 0) });
    }),
  );
}

function requireApprovalForm(request: Request, token: string, given: string | undefined): void {
  try {
    requireOwnForm(request, token, given);
  } catch (cause) {
    throw new GantryError('approval_form_stale', { message: 'This form was not sent from our own page.', cause });
  }
}

/** Nobody is signed in from elsewhere as somebody else. */
function refuseOtherSites(request: Request): void {
  const site = request.headers.get('sec-fetch-site');
  if (site === null || site === 'same-origin') return;
  throw new GantryError('approval_form_stale', { message: 'This form was not sent from our own page.' });
}

/** Only to pages of ours. */
const wayBack = (to: string | undefined): string =>
  to !== undefined && /^\/approvals(\/[a-z0-9-]{1,63}\/\d{1,9})?$/.test(to) ? to : '/approvals';

const linkForm = (token: string, problem: Parameters<typeof approvalPage>[1]['problem']) => ({
  action: '/approvals/link',
  csrf: formProof(token),
  token,
  problem,
});

const sessionForm = (of: OfApproval, session: string, problem: Parameters<typeof approvalPage>[1]['problem']) => ({
  action: `/approvals/${of.tenant}/${String(of.id)}`,
  csrf: formProof(session),
  token: null,
  problem,
});

function approvalIn(context: Visit): OfApproval {
  const id = context.req.param('id') ?? '';
  if (!/^\d{1,9}$/.test(id)) throw new GantryError('approval_unknown', { message: 'There is no such approval.' });
  return { tenant: context.req.param('tenant') ?? '', id: Number(id) };
}

const verdicts: readonly ApprovalVerdict[] = ['approve', 'deny', 'fine', 'object'];

function saidIn(form: URLSearchParams): ApprovalSaid {
  const verdict = verdicts.find((each) => each === form.get('verdict'));
  if (verdict === undefined) {
    throw new GantryError('approval_verdict_invalid', {
      message: 'The form says neither yes nor no.',
      allowed: verdicts,
    });
  }
  const reason = (form.get('reason') ?? '').trim().slice(0, limits.approvalReasonCharsMax);
  return { verdict, reason: reason === '' ? null : reason, seen: form.get('seen') };
}

/** Sent back on the way from a chat or a mail, which is another site; what is posted carries a proof besides. */
const sessionCookie = (session: string, secure: boolean, seconds: number): string =>
  `${cookieName(secure)}=${session}; Path=/approvals; HttpOnly; SameSite=Lax; Max-Age=${String(seconds)}${secure ? '; Secure' : ''}`;

const cookieName = (secure: boolean): string => (secure ? '__Secure-gantry_operator' : 'gantry_operator');

function heldSession(request: Request, secure: boolean): string | null {
  const prefix = `${cookieName(secure)}=`;
  const cookies = (request.headers.get('cookie') ?? '').split(';').map((part) => part.trim());
  const found = cookies.find((part) => part.startsWith(prefix))?.slice(prefix.length);
  return found === undefined || found === '' ? null : found;
}
