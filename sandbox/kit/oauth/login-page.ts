import { escapeHtml } from '../http.ts';

export interface LoginPage {
  readonly title: string;
  /** Where the form is posted. */
  readonly action: string;
  readonly hidden: ReadonlyMap<string, string>;
  readonly scope: string;
  readonly message: string | null;
}

/**
 * Sign-in and consent in one plain form. Fields: `username`, `password`, the
 * hidden ones as given, and the button `decision` (`allow` or `deny`).
 */
export function loginPage(page: LoginPage): string {
  const hidden = [...page.hidden]
    .map(([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`)
    .join('\n      ');
  const message = page.message === null ? '' : `<p role="alert">${escapeHtml(page.message)}</p>`;
  return `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>${escapeHtml(page.title)}</title></head>
  <body>
    <h1>${escapeHtml(page.title)}</h1>
    ${message}
    <form method="post" action="${escapeHtml(page.action)}">
      ${hidden}
      <label>Username <input name="username" autocomplete="username" required></label>
      <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
      <p>The application asks for: ${escapeHtml(page.scope || 'full access')}</p>
      <button name="decision" value="allow">Log in and allow</button>
      <button name="decision" value="deny">Deny</button>
    </form>
  </body>
</html>
`;
}

/** A page for what must not be sent back to an unverified redirect address. */
export function errorPage(title: string, message: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>
<body><h1>${escapeHtml(title)}</h1><p>${escapeHtml(message)}</p></body></html>
`;
}
