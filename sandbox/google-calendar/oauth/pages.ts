import { escapeHtml } from '../../kit/index.ts';

/** Sign-in and consent in one form; the first button agrees. */
export function consentPage(page: {
  readonly company: string;
  readonly action: string;
  readonly hidden: ReadonlyMap<string, string>;
  readonly hint: string;
  readonly scope: string;
  readonly message: string | null;
}): string {
  const hidden = [...page.hidden].map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  );
  const scopes = page.scope.split(' ').map((scope) => `<li>${escapeHtml(scope)}</li>`);
  return `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>Sign in - Accounts</title></head>
  <body>
    <h1>Gantry wants to access your account at ${escapeHtml(page.company)}</h1>
    ${page.message === null ? '' : `<p role="alert">${escapeHtml(page.message)}</p>`}
    <form method="post" action="${escapeHtml(page.action)}">
      ${hidden.join('\n      ')}
      <label>Email <input name="username" type="email" autocomplete="username" value="${escapeHtml(page.hint)}" required></label>
      <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
      <ul>${scopes.join('')}</ul>
      <button name="decision" value="allow">Continue</button>
      <button name="decision" value="deny">Cancel</button>
    </form>
  </body>
</html>
`;
}

/** Faults that must not go to an unverified address. */
export function refusalPage(status: number, code: string, message: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Error ${status} (${escapeHtml(code)})</title></head>
<body><h1>Access blocked: authorization error</h1><p>${escapeHtml(message)}</p><p>Error ${status}: ${escapeHtml(code)}</p></body></html>
`;
}
