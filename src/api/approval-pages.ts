import type { ApprovalLine, ApprovalView } from './approval-ports.ts';
import type { PageError } from './connect-page.ts';
import { html, type Html, type Page } from './html-page.ts';

const FORMS: Pick<Page, 'formTargets'> = { formTargets: [] };

const problemHtml = (problem: PageError | null): Html | null =>
  problem === null ? null : html`<p class="bad" role="alert">${problem.error.message} ${problem.error.fix}</p>`;

/** Who are you? `to`: where to go then. */
export const approvalSignInPage = (to: string, problem: PageError | null): Page => ({
  title: 'Sign in to decide',
  ...FORMS,
  body: html`<h1>Sign in to decide</h1>
    <p>With your own operator’s key (it begins with gto_). A key that several people share decides nothing.</p>
    ${problemHtml(problem)}
    <form method="post" action="/approvals/sign-in">
      <input type="hidden" name="to" value="${to}" />
      <label for="key">Your key</label>
      <input id="key" name="key" type="password" autocomplete="current-password" required />
      <button type="submit">Sign in</button>
    </form>`,
});

const dayAndTime = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** What waits, the soonest due first. */
export const approvalListPage = (lines: readonly ApprovalLine[], viewer: string, csrf: string): Page => ({
  title: 'Approvals',
  ...FORMS,
  body: html`<p class="soft">${viewer}</p>
    <h1>${lines.length === 0 ? 'Nothing waits for a decision' : 'Waiting for a decision'}</h1>
    <ul class="choices">
      ${lines.map(
        ({ tenant, id, kind, title, worth, asked, due, late }) =>
          html`<li>
            <a href="/approvals/${tenant}/${id}">
              ${kind === 'review' ? 'Look afterwards: ' : ''}${title}<br /><small
                >${tenant} · ${worth} · ${asked} · ${late ? 'overdue since' : 'by'} ${dayAndTime(due)}</small
              >
            </a>
          </li>`,
      )}
    </ul>
    <form method="post" action="/approvals/sign-out">
      <input type="hidden" name="csrf" value="${csrf}" /><button type="submit">Sign out</button>
    </form>`,
});

/** How the form of a page says who sends it. */
export interface DecisionForm {
  readonly action: string;
  readonly csrf: string;
  /** The link's token; null: a session's page. */
  readonly token: string | null;
  readonly problem: PageError | null;
}

/** What will happen, and the question. All of it is made from what would be sent; the agent's words are quoted as such. */
export function approvalPage(view: ApprovalView, form: DecisionForm): Page {
  const { tenant, id, title, worth, requester, agentSays, because, changes, more, notes, round } = view;
  const body = html`<p class="soft">
      ${tenant} · ${view.kind === 'review' ? 'review' : 'approval'} ${id} · ${view.viewer}
    </p>
    <h1>${title}</h1>
    ${problemHtml(form.problem)}
    <p>${worth}. Asked by ${requester}.</p>
    <h2>${view.kind === 'review' ? 'What was written' : 'What will be written'}</h2>
    ${changes.map(
      ({ what, fields }) =>
        html`<p><strong>${what}</strong></p>
          <ul>
            ${fields.map(({ field, before, after }) => html`<li>${field}: <del>${before}</del> → <ins>${after}</ins></li>`)}
          </ul>`,
    )}
    ${more === 0 ? null : html`<p>and ${more} more records, not shown here</p>`} ${listHtml('Besides', notes)}
    ${listHtml('Why it waits', because)} ${listHtml('Who is asked', round)}
    ${
      agentSays === null
        ? null
        : html`<h2>What the agent says</h2>
            <p class="soft">Its own words, which nobody has checked:</p>
            <blockquote>${agentSays}</blockquote>`
    }
    ${view.open ? decisionHtml(view, form) : html`<p><strong>${view.decided ?? `It is ${view.state}.`}</strong></p>`}`;
  return { title, ...FORMS, body };
}

const listHtml = (heading: string, lines: readonly string[]): Html | null =>
  lines.length === 0
    ? null
    : html`<h2>${heading}</h2>
        <ul>
          ${lines.map((line) => html`<li>${line}</li>`)}
        </ul>`;

function decisionHtml({ kind, seen, due, late }: ApprovalView, { action, csrf, token }: DecisionForm): Html {
  const hidden = html`<input type="hidden" name="csrf" value="${csrf}" /><input
      type="hidden"
      name="seen"
      value="${seen}"
    />${token === null ? null : html`<input type="hidden" name="token" value="${token}" />`}`;
  const yes = kind === 'review' ? { verdict: 'fine', text: 'It is fine' } : { verdict: 'approve', text: 'Approve' };
  const no = kind === 'review' ? { verdict: 'object', text: 'It is not right' } : { verdict: 'deny', text: 'Deny' };
  return html`<h2>Your decision</h2>
    <p>${late ? 'It was due' : 'It is due'} ${dayAndTime(due)}.</p>
    <form method="post" action="${action}">
      ${hidden}<input type="hidden" name="verdict" value="${yes.verdict}" /> <label for="why-yes">Why (optional)</label
      ><input id="why-yes" name="reason" maxlength="2000" />
      <button type="submit">${yes.text}</button>
    </form>
    <form method="post" action="${action}">
      ${hidden}<input type="hidden" name="verdict" value="${no.verdict}" /> <label for="why-no">Why not</label
      ><input id="why-no" name="reason" maxlength="2000" required />
      <button type="submit">${no.text}</button>
    </form>`;
}

/** What went wrong, where nothing can be entered to mend it. */
export const approvalFailurePage = ({ error, requestId }: PageError): Page => ({
  title: 'Approvals',
  body: html`<h1>This did not work</h1>
    <p>${error.message}</p>
    <p>${error.fix}</p>
    <p><small>Code ${error.code}, request ${requestId}</small></p>`,
});
