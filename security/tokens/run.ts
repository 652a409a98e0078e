import { createHmac, createPublicKey } from 'node:crypto';
import {
  exportJWK,
  exportSPKI,
  generateKeyPair,
  importJWK,
  SignJWT,
  UnsecuredJWT,
  type JWTHeaderParameters,
  type JWTPayload,
} from 'jose';
import { trustedIssuers } from '../../src/app/identity/trusted-issuers.ts';
import { issuersIn, signingKey, verifyToken, type TokenSays } from '../../src/identity/index.ts';
import { systemClock } from '../../src/kernel/index.ts';
import { startIssuer } from '../../test/identity/issuer.ts';
import { newTally, type Suite, type Tally } from '../suite.ts';

const PUBLIC = 'https://gantry.example';
const AUDIENCE = 'https://api.desk.example';
const masterKey = new Uint8Array(32).fill(9);
const nowS = (): number => Math.floor(Date.now() / 1_000);

/** A token is good if one of our issuers made it for us and for now, and says nothing that its issuer may not say. */
export const tokens: Suite = {
  name: 'tokens',
  what: 'access tokens for others, of others, of yesterday, unsigned, signed otherwise, about other customers',
  run: async ({ impatient }) => {
    const tally = newTally({ impatient });
    const [shared, customers, stranger] = await Promise.all([startIssuer(), startIssuer('ES256'), startIssuer()]);
    try {
      const raw = {
        issuers: [
          { issuer: shared.url, audience: AUDIENCE, jwks_uri: `${shared.url}/keys`, tenants: { acme: 'acme' } },
          { issuer: customers.url, audience: AUDIENCE, jwks_uri: `${customers.url}/keys`, tenant: 'globex' },
        ],
      };
      const identity = { issuers: issuersIn(raw, 'test', [PUBLIC]), signIn: true };
      const config = { identity, publicUrl: PUBLIC, masterKey, otherMasterKeys: [] };
      const trusted = trustedIssuers(config as unknown as Parameters<typeof trustedIssuers>[0], systemClock);
      const read = (token: string): Promise<TokenSays | null> => verifyToken(token, trusted, systemClock);
      const claims = (more: JWTPayload = {}): JWTPayload => ({
        iss: shared.url,
        aud: AUDIENCE,
        sub: 'ada',
        client_id: 'desk',
        tenant: 'acme',
        scope: 'records:read',
        iat: nowS(),
        exp: nowS() + 300,
        ...more,
      });
      const good = await shared.sign(claims());
      tally.check((await read(good))?.principal === 'ada', () => 'a good token is refused: nothing was tried');
      const own = await ownToken({});
      tally.check((await read(own))?.tenant === 'acme', () => 'a good token of ours is refused: nothing was tried');
      const refuse = async (what: string, token: string): Promise<void> => {
        const said = await read(token).catch(() => null);
        tally.check(said === null, () => `${what} is taken: ${JSON.stringify(said)}`);
      };
      await wrongClaims((more) => shared.sign(JSON.parse(JSON.stringify(claims(more))) as JWTPayload), refuse);
      for (const [what, more] of ownWrong) await refuse(`ours, ${what}`, await ownToken(more));
      await refuse('an issuer that nobody named', await stranger.sign(claims({ iss: stranger.url })));
      await refuse('another’s name and its own key', await stranger.sign(claims()));
      await refuse('one issuer’s name, another’s key', await customers.sign(claims()));
      await forged(claims(), good, refuse);
      await otherCustomers(
        tally,
        read,
        (more) => customers.sign(claims({ iss: customers.url, ...more })),
        (more) => shared.sign(claims(more)),
      );
    } finally {
      await Promise.all([shared.stop(), customers.stop(), stranger.stop()]);
    }
    return tally.result();
  },
};

type Refuse = (what: string, token: string) => Promise<void>;

const others = [
  'https://other.example',
  `${AUDIENCE}/`,
  `${AUDIENCE}.evil.example`,
  AUDIENCE.toUpperCase(),
  '',
  PUBLIC,
  '*',
  'api',
];

async function wrongClaims(sign: (more: JWTPayload) => Promise<string>, refuse: Refuse): Promise<void> {
  for (const aud of [...others, others, [], [AUDIENCE.slice(0, -1)]])
    await refuse(`audience ${JSON.stringify(aud)}`, await sign({ aud }));
  for (const name of ['aud', 'exp', 'iat', 'sub']) await refuse(`no ${name}`, await sign({ [name]: undefined }));
  for (const exp of [nowS() - 60, 0, -1]) await refuse(`ended at ${String(exp)}`, await sign({ exp }));
  await refuse('not before later', await sign({ nbf: nowS() + 3_600 }));
  for (const [name, value] of [
    ['exp', 'tomorrow'],
    ['iat', 'now'],
    ['sub', 7],
    ['sub', ''],
    ['sub', 'a\u0000b'],
    ['sub', 'x'.repeat(300)],
    ['aud', 7],
  ] as const) {
    await refuse(`${name} is ${JSON.stringify(value).slice(0, 20)}`, await sign({ [name]: value }));
  }
  await refuse('9,000 characters', await sign({ filler: 'x'.repeat(9_000) }));
}

/** What we sign ourselves: for our doors only. */
const ownWrong: readonly (readonly [what: string, more: JWTPayload])[] = [
  ['for another service', { aud: 'https://other.example' }],
  ['for a door that is none', { aud: `${PUBLIC}/other` }],
  ['ended', { exp: nowS() - 60 }],
  ['in another’s name', { iss: 'https://other.example/oauth' }],
];

async function ownToken(more: JWTPayload): Promise<string> {
  const key = signingKey(masterKey);
  return new SignJWT({
    iss: `${PUBLIC}/oauth`,
    aud: `${PUBLIC}/mcp`,
    sub: 'ada',
    client_id: 'desk',
    tenant: 'acme',
    scope: 'records:read',
    iat: nowS(),
    exp: nowS() + 300,
    ...more,
  })
    .setProtectedHeader({ alg: 'ES256', kid: key.kid ?? '' })
    .sign(await importJWK(key, 'ES256'));
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Signed by nobody, by a key that came along, or by what everybody knows. */
async function forged(claims: JWTPayload, good: string, refuse: Refuse): Promise<void> {
  const [head = '', body = '', signature = ''] = good.split('.');
  await refuse('unsigned', new UnsecuredJWT(claims).encode());
  for (const alg of ['none', 'None', 'NONE', 'nOnE', '']) {
    await refuse(`alg ${alg}`, `${part({ alg, typ: 'JWT' })}.${part(claims)}.`);
    await refuse(`alg ${alg} with a signature`, `${part({ alg, typ: 'JWT' })}.${part(claims)}.${signature}`);
  }
  await refuse('without its signature', `${head}.${body}.`);
  await refuse('with half its signature', `${head}.${body}.${signature.slice(0, signature.length / 2)}`);
  await refuse('with other claims', `${head}.${part({ ...claims, sub: 'boss' })}.${signature}`);
  await refuse('with another head', `${part({ alg: 'RS256', kid: 'k1' })}.${body}.${signature}`);
  await refuse('with a second body', `${head}.${body}.${signature}.${body}`);
  // The secret of a symmetric signature would be the public key, which everybody has.
  const ours = createPublicKey({ key: signingKey(masterKey) as never, format: 'jwk' });
  for (const secret of [
    ours.export({ format: 'pem', type: 'spki' }),
    JSON.stringify(await exportJWK(ours)),
    await exportSPKI(ours),
    '',
    ' ',
  ]) {
    const signed = `${part({ alg: 'HS256', kid: 'k0' })}.${part(claims)}`;
    await refuse(
      'signed with a public key as secret',
      `${signed}.${createHmac('sha256', String(secret) || '\0')
        .update(signed)
        .digest('base64url')}`,
    );
  }
  const pair = await generateKeyPair('RS256', { extractable: true });
  const mine = await exportJWK(pair.publicKey);
  const lairs: readonly Partial<JWTHeaderParameters>[] = [
    { jwk: mine },
    { jku: 'https://evil.example/keys' },
    { x5u: 'https://evil.example/cert' },
    { x5c: ['MIIB'] },
    { kid: '../../etc/passwd' },
    { kid: "k0' or 1=1" },
    { kid: 'k0' },
    { crit: ['exp'] },
    {},
  ];
  for (const more of lairs) {
    const head2 = { alg: 'RS256', ...more } as JWTHeaderParameters;
    const token = await new SignJWT(claims)
      .setProtectedHeader(head2)
      .sign(pair.privateKey)
      .catch(() => null);
    if (token !== null) await refuse(`its own key, ${JSON.stringify(more).slice(0, 60)}`, token);
  }
}

/** A customer's own identity provider speaks for that customer only, and one for several for those that are listed. */
async function otherCustomers(
  tally: Tally,
  read: (token: string) => Promise<TokenSays | null>,
  customers: (more: JWTPayload) => Promise<string>,
  shared: (more: JWTPayload) => Promise<string>,
): Promise<void> {
  for (const tenant of ['acme', 'GLOBEX', '', ['acme'], { x: 1 }, 7, null, '*']) {
    const said = await read(await customers({ tenant })).catch(() => null);
    tally.check(
      said === null || said.tenant === 'globex',
      () => `globex's provider speaks for ${JSON.stringify(tenant)}: ${JSON.stringify(said)}`,
    );
  }
  for (const tenant of ['globex', 'Acme', 'acme ', 'constructor', '__proto__', ['acme', 'globex']]) {
    const said = await read(await shared({ tenant })).catch(() => null);
    const fits = said === null || said.tenant === null || (Array.isArray(tenant) && said.tenant === 'acme');
    tally.check(fits, () => `a customer that is not listed: ${JSON.stringify(tenant)}: ${JSON.stringify(said)}`);
  }
  for (const claim of [{ role: 'admin' }, { roles: ['admin'] }, { 'https://gantry/role': 'admin' }]) {
    const said = await read(await customers(claim)).catch(() => null);
    tally.check(
      said === null || said.role === null,
      () => `a customer's user makes itself an operator: ${JSON.stringify(said)}`,
    );
  }
}
