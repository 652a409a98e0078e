import { createHash } from 'node:crypto';
import type { ErrorBody } from '../kernel/index.ts';
import type { FinishedConnect } from './ports.ts';

/** What the end user sees in the browser when the provider sends them back. */
export type CallbackResult =
  | { readonly kind: 'connected'; readonly connection: FinishedConnect }
  | { readonly kind: 'declined' }
  | { readonly kind: 'failed'; readonly error: ErrorBody; readonly requestId: string };

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1rem;color:#1c1c1c;background:#fff}' +
  'h1{font-size:1.4rem}small{color:#666}' +
  '@media (prefers-color-scheme:dark){body{color:#eee;background:#161616}small{color:#aaa}}';

// The page shows text from outside: even if escaping failed, nothing on it may run or load.
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

export const callbackHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': POLICY,
  'cache-control': 'no-store',
  // The address holds the code: it must not travel on.
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** `again`: a way back to the connect page. */
export function callbackPage(result: CallbackResult, again = false): string {
  const { title, lines, note } = wording(result);
  return [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title>`,
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<style>${STYLE}</style></head><body>`,
    `<h1>${escape(title)}</h1>`,
    ...lines.map((line) => `<p>${escape(line)}</p>`),
    ...(note === null ? [] : [`<p><small>${escape(note)}</small></p>`]),
    ...(again ? ['<p><a href="/connect">Try again</a></p>'] : []),
    '</body></html>',
  ].join('\n');
}

function wording(result: CallbackResult): { title: string; lines: string[]; note: string | null } {
  if (result.kind === 'connected') {
    const { system, accountName, connection } = result.connection;
    return {
      title: `${system} is connected`,
      lines: [
        `The account "${accountName}" is now connected as "${connection}". The first copy of its data has begun.`,
        'You can close this window.',
      ],
      note: null,
    };
  }
  if (result.kind === 'declined') {
    return {
      title: 'Not connected',
      lines: ['Access was declined at the provider, so nothing was connected and nothing was stored.'],
      note: 'To try again, open a new connect link.',
    };
  }
  return {
    title: 'Not connected',
    lines: [result.error.message, result.error.fix],
    note: `Code ${result.error.code}, request ${result.requestId}`,
  };
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
