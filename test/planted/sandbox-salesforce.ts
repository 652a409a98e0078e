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
  {
    name: 'a bulk job gives records as they are and not as it read them',
    file: 'sandbox/salesforce/bulk/progress.ts',
    find: 'if (snapshot === null || snapshot.frozen.has(row) || row >= table.rowCount()) return;',
    replace: 'if (snapshot === null || row >= 0) return;',
    suite: 'test/sandbox-salesforce/bulk.test.ts',
  },
  {
    name: 'an assertion earns a token whoever signed it',
    file: 'sandbox/salesforce/sign-in/jwt-bearer.ts',
    find: "if (key === null || !verify('RSA-SHA256', Buffer.from(parsed.signed), key, parsed.signature)) {",
    replace: 'if (key === null || !verify.name) {',
    suite: 'test/sandbox-salesforce/jwt-bearer.test.ts',
  },
  {
    name: 'the bits of a dependent picklist are read from the wrong end',
    file: 'sandbox/salesforce/schema/dependent-picklist.ts',
    find: '(0x80 >> (place & 7))',
    replace: '(0x01 << (place & 7))',
    suite: 'test/sandbox-salesforce/record-types.test.ts',
  },
  {
    name: 'validation rules are shown to users who may not view setup',
    file: 'sandbox/salesforce/rest/tooling.ts',
    find: 'permissions.mayViewSetup(call.user) ? tooling : nothing',
    replace: 'call.user.active ? tooling : nothing',
    suite: 'test/sandbox-salesforce/setup.test.ts',
  },
];
