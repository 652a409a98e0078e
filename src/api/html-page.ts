import { createHash } from 'node:crypto';

/** HTML that is safe to send: made by `html`, which escapes what is put into it. */
export interface Html {
  readonly html: string;
}

type Part = string | number | Html | null | readonly Html[];

/** A template whose values are escaped, unless they were made by this very function. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const out = texts.map((text, index) => text + (index < parts.length ? partHtml(parts[index] ?? null) : ''));
  return { html: out.join('') };
}

function partHtml(part: Part): string {
  if (part === null) return '';
  if (typeof part === 'string' || typeof part === 'number') return escapeText(String(part));
  if ('html' in part) return part.html;
  return part.map((each) => each.html).join('');
}

export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${String(character.codePointAt(0))};`);
}

const STYLE = `
:root{color-scheme:light dark;--ink:#1b1b1f;--soft:#5c5f66;--ground:#f6f6f4;--card:#fff;--line:#d8d8d4;--act:#1d4ed8;--on:#fff;--bad:#b42318;--badground:#fef3f2}
@media(prefers-color-scheme:dark){:root{--ink:#ececf0;--soft:#a5a8b0;--ground:#131316;--card:#1d1d21;--line:#3a3a40;--act:#8ab4ff;--on:#0b1020;--bad:#ff9b92;--badground:#3a1715}}
*{box-sizing:border-box}
body{margin:0;font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--ground)}
main{max-width:36rem;margin:6vh auto;padding:1.5rem;background:var(--card);border:1px solid var(--line);border-radius:.75rem}
@media(max-width:30rem){main{margin:0;border:0;border-radius:0;min-height:100vh;padding:1rem}}
h1{font-size:1.4rem;line-height:1.25;margin:.25rem 0 1rem}
h2{font-size:1rem;margin:1.5rem 0 .25rem}
p,ul{margin:.5rem 0}ul{padding-left:1.25rem}
small,.soft{color:var(--soft)}
code,li{overflow-wrap:anywhere}
a{color:var(--act)}
label{display:block;margin:.75rem 0 .25rem;font-weight:600}
input,textarea{width:100%;padding:.6rem;font:inherit;color:inherit;background:var(--ground);border:1px solid var(--line);border-radius:.5rem}
textarea{min-height:7rem;-webkit-text-security:disc}
button,a.button{display:block;width:100%;margin:1rem 0 .5rem;padding:.75rem;font:inherit;font-weight:600;text-align:center;text-decoration:none;color:var(--on);background:var(--act);border:0;border-radius:.5rem;cursor:pointer}
:focus-visible{outline:3px solid var(--act);outline-offset:2px}
details{margin:1rem 0;padding:.5rem .75rem;border:1px solid var(--line);border-radius:.5rem}
summary{cursor:pointer;font-weight:600}
.choices{list-style:none;padding:0}.choices a{display:block;padding:.75rem;margin:.5rem 0;border:1px solid var(--line);border-radius:.5rem;text-decoration:none;font-weight:600}
.bad{padding:.75rem;color:var(--bad);background:var(--badground);border-radius:.5rem}
`.replaceAll('\n', '');

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

export interface Page {
  readonly title: string;
  readonly body: Html;
  /** Origins that its forms may lead to beside ours, by redirects too; absent: it has no forms. */
  readonly formTargets?: readonly string[];
}

/** A whole page, without a script and with nothing from elsewhere. */
export function pageResponse({ title, body, formTargets }: Page, status: number): Response {
  const text = [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><title>${escapeText(title)}</title>`,
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<style>${STYLE}</style></head>`,
    `<body><main>${body.html}</main></body></html>`,
  ].join('\n');
  return new Response(text, { status, headers: pageHeaders(formTargets) });
}

/** Text from outside is on the page: even if escaping failed, nothing on it may run, load or be framed. */
function pageHeaders(formTargets: readonly string[] | undefined): Record<string, string> {
  const forms = formTargets === undefined ? "'none'" : ["'self'", ...formTargets].join(' ');
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action ${forms}; frame-ancestors 'none'`,
    'cache-control': 'no-store',
    // Forms say that they come from here, other sites learn nothing.
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  };
}
