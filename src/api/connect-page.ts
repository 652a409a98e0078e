import type { ErrorBody } from '../kernel/index.ts';
import type { ConnectConsent, ConnectOffer, ConnectOutcome, ConsentRead } from './connect-ports.ts';
import { html, type Html, type Page } from './html-page.ts';
import type { SignInMethod } from './ports.ts';

/** What is wrong with the last attempt, shown above the form. */
export interface PageError {
  readonly error: ErrorBody;
  readonly requestId: string;
}

/** The first page: which system. */
export function offerPage({ product, tenant, choices }: ConnectOffer): Page {
  const body = html`<p class="soft">${product} · ${tenant}</p>
    <h1>Connect a system</h1>
    <p>Choose the system whose data ${product} may use. The next page says what exactly.</p>
    <ul class="choices">
      ${choices.map(
        ({ integration, title, present }) =>
          html`<li>
            <a href="/connect/to/${integration}">${title}${present === null ? null : presentNote(present)}</a>
          </li>`,
      )}
    </ul>
    ${choices.length === 0 ? html`<p>There is nothing to connect.</p>` : null}`;
  return { title: `Connect a system to ${product}`, body };
}

const presentNote = ({ account, needsSignIn }: NonNullable<ConnectConsent['present']>): Html =>
  html` <small>${needsSignIn ? 'needs a new sign-in' : 'connected'}${account === null ? null : `: ${account}`}</small>`;

export interface ConsentForm {
  readonly consent: ConnectConsent;
  readonly csrf: string;
  readonly problem: PageError | null;
  /** What was typed before, without secrets: by field name, of the method that `way` names. */
  readonly typed: { readonly way: string; readonly values: Readonly<Record<string, string>> } | null;
}

/** The second page: what will be read, by whom it can be ended, and the ways to sign in. */
export function consentPage({ consent, csrf, problem, typed }: ConsentForm): Page {
  const { product, tenant, system, title, browser, methods, present, integration, several } = consent;
  const again = present !== null && present.account !== null;
  const heading = again ? `Sign in to ${title} again` : `Connect ${title}`;
  const form = (way: string, inner: Html): Html =>
    html`<form method="post" action="/connect/to/${integration}">
      <input type="hidden" name="csrf" value="${csrf}" /><input type="hidden" name="way" value="${way}" />${inner}
    </form>`;
  const body = html`<p class="soft">${product} · ${tenant}</p>
    <h1>${heading}</h1>
    ${problem === null ? null : problemHtml(problem)}
    ${again ? html`<p>Use the account <strong>${present.account ?? ''}</strong>. Another one is not accepted here.</p>` : null}
    ${facts(consent)} ${browser === null ? null : form('browser', browserFields(consent, browser, typed))}
    ${methods.map((method) => methodHtml({ method, form, open: isOpen(consent, typed, method), typed }))}
    ${
      browser === null && methods.length === 0
        ? html`<p class="bad" role="alert">
            Nobody can sign in to ${system} here yet: ${product} has not set up its application. Tell them so.
          </p>`
        : null
    }
    ${several ? html`<p><a href="/connect">Choose another system</a></p>` : null}`;
  return { title: `${heading} · ${product}`, body, formTargets: consent.formTargets };
}

/** The only way there is, or the one that was tried. */
const isOpen = ({ browser, methods }: ConnectConsent, typed: ConsentForm['typed'], method: SignInMethod): boolean =>
  typed === null ? browser === null && methods.length === 1 : typed.way === method.name;

function facts({ product, reads, alsoReads, writes, scopes, system }: ConnectConsent): Html {
  return html`<h2>What ${product} will read</h2>
    <ul>
      ${reads.map((read) => html`<li>${readText(read)}</li>`)}
      ${
        alsoReads.length === 0
          ? null
          : html`<li>objects of your own whose name fits ${alsoReads.join(', ')}, as they are</li>`
      }
    </ul>
    <p class="soft">
      Only what the person who signs in may see there. A copy is kept, so that questions cost ${system} no calls.
    </p>
    <h2>What it will write</h2>
    ${writes.length === 0 ? html`<p>Nothing.</p>` : html`<p>Records that fit ${writes.join(', ')}.</p>`}
    ${scopes.length === 0 ? null : html`<p class="soft">${system} will call this: ${scopes.join(', ')}.</p>`}
    <h2>Who can end it</h2>
    <p>You, at any time: in ${system}, or by telling ${product}. What was read can be deleted with it.</p>`;
}

function readText({ title, native, everyS, days }: ConsentRead): string {
  const what = title === native ? title : `${title} (${native})`;
  const since = days === null ? 'all of them' : `changed in the last ${String(days)} days`;
  return `${what}: ${since}, then what changes, ${everyText(everyS)}`;
}

function everyText(seconds: number): string {
  for (const [unit, length] of [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ] as const) {
    if (seconds < length || seconds % length !== 0) continue;
    const count = seconds / length;
    return count === 1 ? `every ${unit}` : `every ${String(count)} ${unit}s`;
  }
  return `every ${String(seconds)} seconds`;
}

function browserFields(
  { system }: ConnectConsent,
  { addressNeeded, example }: NonNullable<ConnectConsent['browser']>,
  typed: ConsentForm['typed'],
): Html {
  const value = typed?.way === 'browser' ? (typed.values['login_url'] ?? '') : '';
  const field = html`<label for="login_url">Address of your ${system}</label>
    <input
      id="login_url"
      name="login_url"
      type="url"
      placeholder="${example}"
      value="${value}"
      autocomplete="url"
      ${addressNeeded ? html`required` : null}
    />`;
  const shown = addressNeeded
    ? field
    : html`<details ${value === '' ? null : html`open`}>
        <summary>My account has an address of its own</summary>
        ${field}
      </details>`;
  return html`${shown}<button type="submit">Agree and sign in at ${system}</button>`;
}

function methodHtml(parts: {
  readonly method: SignInMethod;
  readonly form: (way: string, inner: Html) => Html;
  readonly open: boolean;
  readonly typed: ConsentForm['typed'];
}): Html {
  const { method, form, open, typed } = parts;
  const values = typed?.way === method.name ? typed.values : {};
  const fields = method.fields.map((field) => fieldHtml(method.name, field, values[field.name] ?? ''));
  return html`<details ${open ? html`open` : null}>
    <summary>${method.title}</summary>
    ${form(method.name, html`${fields}<button type="submit">Agree and connect</button>`)}
  </details>`;
}

/** Keys of several lines lose their line ends in a one-line field. */
const isLong = (name: string): boolean => name.includes('private_key') || name.includes('certificate');

function fieldHtml(way: string, field: SignInMethod['fields'][number], value: string): Html {
  const { name, title, secret, optional } = field;
  const id = `${way}-${name}`;
  const label = html`<label for="${id}">${title}${optional ? ' (optional)' : ''}</label>`;
  const required = optional ? null : html`required`;
  if (secret && isLong(name)) {
    return html`${label}<textarea
        id="${id}"
        name="value.${name}"
        autocomplete="off"
        spellcheck="false"
        ${required}
      ></textarea>`;
  }
  const type = secret ? 'password' : 'text';
  return html`${label}<input
      id="${id}"
      name="value.${name}"
      type="${type}"
      value="${secret ? '' : value}"
      autocomplete="${secret ? 'off' : 'on'}"
      spellcheck="false"
      ${required}
    />`;
}

function problemHtml({ error, requestId }: PageError): Html {
  return html`<div class="bad" role="alert">
    <p>${error.message}</p>
    <p>${error.fix}</p>
    <p><small>Code ${error.code}, request ${requestId}</small></p>
  </div>`;
}

/** The last page: whose account is connected, and what happens now. */
export function outcomePage({ system, accountName, connection, product, returnUrl }: ConnectOutcome): Page {
  const title = `${system} is connected`;
  const body = html`<p class="soft">${product}</p>
    <h1>${title}</h1>
    <p>The account "${accountName}" is now connected as "${connection}". The first copy of its data has begun.</p>
    <p>What changes there is read from now on; you need not do anything more.</p>
    ${
      returnUrl === null
        ? html`<p>You can close this window.</p>`
        : html`<a class="button" href="${returnUrl}">Back to ${product}</a>`
    }`;
  return { title, body };
}

/** Something that cannot be put right on the page. */
export function failurePage(problem: PageError, again: boolean): Page {
  const body = html`<h1>Not connected</h1>
    ${problemHtml(problem)} ${again ? html`<a class="button" href="/connect">Try again</a>` : null}`;
  return { title: 'Not connected', body };
}
