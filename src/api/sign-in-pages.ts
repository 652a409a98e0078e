import type { PageError } from './connect-page.ts';
import { html, pageResponse, type Html, type Page } from './html-page.ts';
import type { AskedConsent, VisitingClient } from './sign-in-ports.ts';

/** Who are you? `typed`: what was entered before, without the password. */
export function loginPage(
  visit: VisitingClient,
  form: {
    readonly csrf: string;
    readonly problem: PageError | null;
    readonly organisation: string;
    readonly user: string;
  },
): Page {
  const { uid, product, clientName, formTargets } = visit;
  const body = html`<p class="soft">${product}</p>
    <h1>Sign in</h1>
    <p>
      ${clientName} wants to ask ${product} in your name. Say who you are; the next page says what exactly it may do.
    </p>
    ${problemHtml(form.problem)}
    <form method="post" action="/oauth/sign-in/${uid}/password">
      <input type="hidden" name="csrf" value="${form.csrf}" />
      <label for="organisation">Organisation</label>
      <input id="organisation" name="organisation" value="${form.organisation}" autocomplete="organization" required />
      <label for="user">User</label>
      <input id="user" name="user" value="${form.user}" autocomplete="username" required />
      <label for="password">Password</label>
      <input id="password" name="password" type="password" autocomplete="current-password" required />
      <button type="submit">Sign in</button>
    </form>
    ${whoAsks(visit)}`;
  return { title: `Sign in to ${product}`, body, formTargets };
}

/** May it? */
export function clientConsentPage(visit: AskedConsent, csrf: string): Page {
  const { uid, product, tenant, principal, clientName, agent, owner, scopes, formTargets } = visit;
  const decide = (way: string, text: string): Html =>
    html`<form method="post" action="/oauth/sign-in/${uid}/consent">
      <input type="hidden" name="csrf" value="${csrf}" /><input type="hidden" name="way" value="${way}" />
      <button type="submit">${text}</button>
    </form>`;
  const body = html`<p class="soft">${product} · ${tenant}</p>
    <h1>May ${clientName} act for you?</h1>
    <p>
      You are <strong>${principal}</strong>. It would be ${agent}, and see what ${product} shows that agent and the
      connected systems show you; nothing more.
    </p>
    <h2>What it may do</h2>
    <ul>
      ${scopes.map((scope) => html`<li>${scopeText(scope)} <small>${scope}</small></li>`)}
      ${scopes.length === 0 ? html`<li>nothing yet: it will ask again when it needs more</li>` : null}
    </ul>
    ${owner === null ? null : html`<p class="soft">${owner} answers for this agent.</p>`} ${decide('allow', 'Allow')}
    ${decide('deny', 'Do not allow')} ${whoAsks(visit)}
    <h2>Who can end it</h2>
    <p>You, at any time: sign out in ${clientName}, or tell ${product}.</p>`;
  return { title: `${clientName} · ${product}`, body, formTargets };
}

/** The name is the client's own word; where the answer goes is not. */
const whoAsks = ({ clientHost, local }: VisitingClient): Html =>
  local
    ? html`<p class="soft">
        The answer goes to a program on this computer. Go on only if you have just started this sign-in yourself.
      </p>`
    : html`<p class="soft">The answer goes to <code>${clientHost}</code>. Go on only if you know it.</p>`;

const texts: Readonly<Record<string, string>> = {
  'records:read': 'read records',
  'records:write': 'prepare and make changes to records',
  'operations:run': 'start operations',
  'approvals:decide': 'decide on changes that wait for approval',
};

const scopeText = (scope: string): string => texts[scope] ?? 'use';

/** What went wrong, where nothing can be entered to mend it. */
export function signInFailurePage({ error, requestId }: PageError): Page {
  const body = html`<h1>This did not work</h1>
    <p>${error.message}</p>
    <p>${error.fix}</p>
    <p><small>Code ${error.code}, request ${requestId}</small></p>`;
  return { title: 'Sign in', body };
}

/** What the authorization server itself has to say to people. */
export const signInErrorPage = (message: string): Response =>
  pageResponse(
    {
      title: 'Sign in',
      body: html`<h1>This did not work</h1>
        <p>${message}</p>
        <p>Go back to your program and connect again.</p>`,
    },
    400,
  );

/** Who followed a link without a program that waits for it. */
export const signedInPage: Page = {
  title: 'Signed in',
  body: html`<h1>You are signed in</h1>
    <p>Go back to your program and connect; you will be asked what it may do.</p>`,
};

const problemHtml = (problem: PageError | null): Html | null =>
  problem === null ? null : html`<p class="bad" role="alert">${problem.error.message} ${problem.error.fix}</p>`;
