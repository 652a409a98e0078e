import type { PlantedDefect } from './types.ts';

export const sandboxSalesforceDefects: PlantedDefect[] = [
  {
    name: 'the authorization server redirects to addresses that only begin like a registered one',
    file: 'sandbox/kit/oauth/authorize.ts',
    find: 'if (!client.redirectUris.includes(redirectUri)) {',
    replace: 'if (!client.redirectUris.some((uri) => redirectUri.startsWith(uri))) {',
    suite: 'test/sandbox-salesforce/oauth.test.ts',
  },
  {
    name: 'any well-formed code verifier is accepted',
    file: 'sandbox/kit/oauth/token-store.ts',
    find: "return createHash('sha256').update(verifier).digest('base64url') === challenge;",
    replace: "return createHash('sha256').update(verifier).digest('base64url').length === challenge.length;",
    suite: 'test/sandbox-salesforce/oauth.test.ts',
  },
  {
    name: 'a union of two ranges takes the rows between them along',
    file: 'sandbox/salesforce/soql/candidates.ts',
    find: 'if (part.from > to) exact = false;',
    replace: 'if (part.from > to + 1_000_000) exact = false;',
    suite: 'test/sandbox-salesforce/soql.test.ts',
  },
  {
    name: 'a mutation leaves the modification stamp as it was',
    file: 'sandbox/salesforce/rows/table.ts',
    find: 'overlay.modifiedMs = by.nowMs;',
    replace: 'overlay.modifiedMs = Math.min(overlay.modifiedMs, by.nowMs);',
    suite: 'test/sandbox-salesforce/control.test.ts',
  },
];
