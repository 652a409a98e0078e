/** Follows redirects and fills in forms like a person, until the provider sends the browser back to `redirectUri`. */
export async function browse(
  address: string,
  redirectUri: string,
  user: { username: string; password: string },
): Promise<URL> {
  const cookies = new Map<string, string>();
  let next: { url: URL; form: URLSearchParams | null } = { url: new URL(address), form: null };
  for (let step = 0; step < 10; step += 1) {
    const response = await fetch(next.url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([key, value]) => `${key}=${value}`).join('; ') },
      ...(next.form === null ? {} : { method: 'POST', body: next.form }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [key = '', value = ''] = (cookie.split(';')[0] ?? '').split('=');
      cookies.set(key, value);
    }
    const location = response.headers.get('location');
    if (location !== null) {
      const url = new URL(location, next.url);
      if (url.href.startsWith(redirectUri)) return url;
      next = { url, form: null };
      continue;
    }
    const html = await response.text();
    if (!response.ok) throw new Error(`the login page answered ${String(response.status)}: ${html.slice(0, 300)}`);
    next = filledForm(html, next.url, user);
  }
  throw new Error('the login did not come to an end');
}

function filledForm(
  html: string,
  page: URL,
  user: { username: string; password: string },
): { url: URL; form: URLSearchParams } {
  const form = /<form\b[^>]*>/i.exec(html)?.[0];
  if (form === undefined) throw new Error(`the login page has no form: ${html.slice(0, 300)}`);
  const fields = new URLSearchParams();
  let pressed = false;
  for (const [tag] of html.matchAll(/<(?:input|button)\b[^>]*>/gi)) {
    const name = attribute(tag, 'name');
    const type = attribute(tag, 'type') ?? 'text';
    if (name === null) continue;
    if (type === 'submit' || tag.startsWith('<button')) {
      // The first button agrees.
      if (!pressed) fields.set(name, attribute(tag, 'value') ?? '');
      pressed = true;
    } else if (type === 'password') fields.set(name, user.password);
    else if (type === 'hidden') fields.set(name, attribute(tag, 'value') ?? '');
    else fields.set(name, user.username);
  }
  return { url: new URL(attribute(form, 'action') ?? '', page), form: fields };
}

function attribute(tag: string, name: string): string | null {
  const value = new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(tag)?.[1];
  return value === undefined ? null : value.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
}
