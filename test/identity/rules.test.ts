import fc from 'fast-check';
import { errors, exportJWK, generateKeyPair, importJWK, jwtVerify, SignJWT, type JSONWebKeySet } from 'jose';
import { describe, expect, it } from 'vitest';
import {
  agentOfClient,
  clientAddress,
  createKeySet,
  hashPassword,
  isWithin,
  issuersIn,
  networksIn,
  passwordFits,
  principalOf,
  publicKey,
  signingKey,
} from '../../src/identity/index.ts';
import { fromOf, limits, principalIn, systemClock, systemRandom } from '../../src/kernel/index.ts';
import type { AgentDeclaration } from '../../src/manifest/index.ts';

const agent = (more: Partial<AgentDeclaration> = {}): AgentDeclaration => ({
  name: 'desk',
  title: 'Desk',
  owner: 'ida@acme.example',
  grant: { objects: new Map(), tools: [], savedQueries: [], rowsMax: null, callsPerMinute: null },
  at: { file: 'gantry.yaml', line: 1, column: 1 },
  ...more,
});

const outcome = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

describe('in whose name an agent acts', () => {
  const cells: readonly (readonly ['service' | 'users' | 'both' | undefined, string | null, string | null, unknown])[] =
    [
      // acts_for, header, token's user -> user
      [undefined, null, null, null],
      [undefined, 'ada', null, 'principal_not_allowed'],
      [undefined, null, 'ada', 'principal_not_allowed'],
      ['service', null, null, null],
      ['service', 'ada', null, 'principal_not_allowed'],
      ['service', null, 'ada', 'principal_not_allowed'],
      ['service', 'ada', 'ada', 'principal_not_allowed'],
      ['users', null, null, 'principal_required'],
      ['users', 'ada', null, 'ada'],
      ['users', null, 'ada', 'ada'],
      ['users', 'ada', 'ada', 'ada'],
      ['users', 'bob', 'ada', 'principal_not_allowed'],
      ['both', null, null, null],
      ['both', 'ada', null, 'ada'],
      ['both', null, 'ada', 'ada'],
      ['both', 'ada', 'ada', 'ada'],
      ['both', 'bob', 'ada', 'principal_not_allowed'],
    ];
  it.each(cells)('acts for %s, named %s, token of %s: %s', (actsFor, principal, tokenPrincipal, wanted) => {
    const declared = agent(actsFor === undefined ? {} : { actsFor });
    const use = { agent: declared, stopped: false, from: { principal, address: '203.0.113.7' }, tokenPrincipal };
    expect(outcome(() => principalOf(use))).toBe(wanted);
    // Suspended, by whichever switch, nobody acts at all.
    expect(outcome(() => principalOf({ ...use, stopped: true }))).toBe('agent_suspended');
    const off = { ...use, agent: { ...declared, status: 'suspended' as const } };
    expect(outcome(() => principalOf(off))).toBe('agent_suspended');
  });

  it('only from its networks; this process itself is in none and needs none', () => {
    const fenced = agent({ ipAllow: ['203.0.113.0/24', '2001:db8::/32', '198.51.100.7'] });
    const from = (address: string | null): unknown =>
      outcome(() =>
        principalOf({ agent: fenced, stopped: false, from: { principal: null, address }, tokenPrincipal: null }),
      );
    for (const address of ['203.0.113.9', '::ffff:203.0.113.9', '2001:db8::1', '198.51.100.7', null]) {
      expect([address, from(address)]).toEqual([address, null]);
    }
    for (const address of [
      '203.0.114.9',
      '::ffff:10.0.0.1',
      '2001:db9::1',
      '198.51.100.8',
      '',
      'unknown',
      '203.0.113.9:80',
    ]) {
      expect([address, from(address)]).toEqual([address, 'address_not_allowed']);
    }
  });
});

describe('the address of a caller', () => {
  const proxies = ['10.0.0.0/8', '::1'];
  it.each([
    ['198.51.100.1', '203.0.113.9', '198.51.100.1'],
    ['10.0.0.5', '203.0.113.9', '203.0.113.9'],
    // Whatever a caller writes stands before what our proxies write.
    ['10.0.0.5', '1.2.3.4, 203.0.113.9', '203.0.113.9'],
    ['10.0.0.5', '203.0.113.9, 10.9.9.9', '203.0.113.9'],
    ['::ffff:10.0.0.5', ' 203.0.113.9 ', '203.0.113.9'],
    ['10.0.0.5', '', '10.0.0.5'],
    ['10.0.0.5', null, '10.0.0.5'],
    ['10.0.0.5', 'evil', ''],
    ['10.0.0.5', '10.0.0.6', '10.0.0.6'],
  ])('socket %s, header %s: %s', (socket, header, wanted) => {
    expect(clientAddress(socket, header, proxies)).toBe(wanted);
  });

  it('is the socket’s without proxies of ours, whatever the header says (property)', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.array(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string())), (socket, hops) => {
        expect(clientAddress(socket, hops.join(', '), [])).toBe(socket);
      }),
    );
  });

  it('is looked for in networks that are some', () => {
    expect(networksIn(' 10.0.0.0/8, 192.0.2.7 ,', 'X')).toEqual(['10.0.0.0/8', '192.0.2.7']);
    for (const bad of ['10.0.0.0/33', 'proxy.example', '10.0.0/8', '10.0.0.0/8 10.0.0.1', '::/129']) {
      expect([bad, outcome(() => networksIn(bad, 'X'))]).toEqual([bad, 'config_invalid']);
    }
  });

  it('is within a network where its bits say so (property)', () => {
    const bitsOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV4(), fc.integer({ min: 0, max: 32 }), (net, address, bits) => {
        const size = 2 ** (32 - bits);
        const same = Math.floor(bitsOf(net) / size) === Math.floor(bitsOf(address) / size);
        expect(isWithin([`${net}/${String(bits)}`], address)).toBe(same);
      }),
    );
  });
});

describe('which agent a client is', () => {
  const named = (name: string, clients: readonly string[]): [string, AgentDeclaration] => [
    name,
    agent({ name, ...(clients.length === 0 ? {} : { clients }) }),
  ];
  const agents = new Map([
    named('any', ['https://*']),
    named('desk', ['https://desk.example/*', 'https://shared.example/*']),
    named('pad', ['https://desk.example/pad.json', 'https://shared.example/*']),
    named('plain', []),
  ]);
  it.each([
    ['https://desk.example/pad.json', 'pad'],
    ['https://desk.example/x.json', 'desk'],
    ['https://other.example/x.json', 'any'],
    ['https://shared.example/x', undefined],
    ['plain', 'plain'],
    ['http://desk.example/x.json', undefined],
  ])('%s is %s', (client, wanted) => {
    expect(agentOfClient(agents, client)?.name).toBe(wanted);
  });

  it('is never taken from an agent by somebody’s glob', () => {
    const greedy = new Map([...agents, named('greedy', ['*'])]);
    expect(agentOfClient(greedy, 'plain')?.name).toBe('plain');
    expect(agentOfClient(greedy, 'app-1')?.name).toBe('greedy');
  });
});

describe('names of users', () => {
  const header = (value: string): unknown =>
    outcome(() => fromOf(new Request('http://x/', { headers: { 'gantry-on-behalf-of': value } })).principal);
  it('come in a header, as they are or in percent signs', () => {
    expect(header('ada@acme.example')).toBe('ada@acme.example');
    expect(header("UTF-8''J%C3%BCrgen%20M%C3%BCller")).toBe('Jürgen Müller');
    expect(header('100%')).toBe('100%');
    for (const bad of ['', ' ', "UTF-8''%FF", "UTF-8''%00x", "UTF-8''%E2%80%AEx", 'x'.repeat(201)]) {
      expect([bad, header(bad)]).toEqual([bad, 'principal_invalid']);
    }
    expect(outcome(() => fromOf(new Request('http://x/')).principal)).toBeNull();
  });

  it('have nothing in them that people cannot see (property)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 250 }), (text) => {
        const taken = outcome(() => principalIn(text));
        if (taken === 'principal_invalid') return;
        expect(taken).toBe(text);
        expect(/[\p{C}\p{Zl}\p{Zp}]/u.test(text)).toBe(false);
        expect([...text].length).toBeLessThanOrEqual(200);
      }),
    );
  });
});

describe('keys of a provider', () => {
  it('are asked for once per cooldown, whatever comes, and stay good while it is away', async () => {
    let now = 0;
    let asked = 0;
    let answer: () => Promise<JSONWebKeySet>;
    const [one, two] = await Promise.all([generateKeyPair('ES256'), generateKeyPair('ES256')]);
    const set = async (pair: typeof one, kid: string): Promise<JSONWebKeySet> => ({
      keys: [{ ...(await exportJWK(pair.publicKey)), kid, alg: 'ES256' }],
    });
    const keys = createKeySet(
      () => {
        asked += 1;
        return answer();
      },
      { ...systemClock, monotonicMs: () => now },
    );
    const check = async (pair: typeof one, kid: string): Promise<unknown> => {
      const token = await new SignJWT({}).setProtectedHeader({ alg: 'ES256', kid }).sign(pair.privateKey);
      return jwtVerify(token, (header, input) => keys.keyFor(header, input)).then(
        () => 'good',
        (error: unknown) => (error as { code?: string }).code,
      );
    };
    answer = async () => Promise.reject(new Error('away'));
    expect(await check(one, 'a')).toBe('identity_unavailable');
    // Also a failure is remembered: a flood of tokens does not become a flood of calls.
    expect(await check(one, 'a')).toBe('identity_unavailable');
    expect(asked).toBe(1);
    now += limits.keySetCooldownMs;
    answer = () => set(one, 'a');
    expect(await check(one, 'a')).toBe('good');
    expect(asked).toBe(2);
    // A new key: known once the cooldown is over.
    answer = () => set(two, 'b');
    expect(await check(two, 'b')).toBe(new errors.JWKSNoMatchingKey().code);
    now += limits.keySetCooldownMs;
    const flood = await Promise.all(Array.from({ length: 20 }, () => check(two, 'b')));
    expect(new Set(flood)).toEqual(new Set(['good']));
    expect(asked).toBe(3);
    expect(await check(one, 'a')).toBe(new errors.JWKSNoMatchingKey().code);
    // Away for longer than keys are fresh: they go on, and end at last.
    answer = async () => Promise.reject(new Error('away'));
    now += limits.keySetFreshMs + 1;
    expect(await check(two, 'b')).toBe('good');
    now += limits.keySetGoodMs;
    expect(await check(two, 'b')).toBe('identity_unavailable');
  });

  it('of ours follow from the master key alone', async () => {
    const key = signingKey(new Uint8Array(32).fill(7));
    expect(signingKey(new Uint8Array(32).fill(7))).toEqual(key);
    expect(signingKey(new Uint8Array(32).fill(8))).not.toEqual(key);
    expect(publicKey(key)).not.toHaveProperty('d');
    const token = await new SignJWT({ sub: 'ada' })
      .setProtectedHeader({ alg: 'ES256' })
      .sign(await importJWK(key, 'ES256'));
    const { payload } = await jwtVerify(token, await importJWK(publicKey(key), 'ES256'));
    expect(payload.sub).toBe('ada');
  });
});

describe('passwords', () => {
  it('fit however they were typed, and are kept so that nobody reads them', async () => {
    const kept = await hashPassword('Grüße aus Köln', systemRandom);
    expect(kept).toMatch(/^scrypt\$32768\$8\$3\$/);
    expect(kept).not.toContain('Grüße');
    expect(await passwordFits('Grüße aus Köln'.normalize('NFD'), kept)).toBe(true);
    expect(await passwordFits('grüße aus köln', kept)).toBe(false);
    expect(await passwordFits('', kept)).toBe(false);
    expect(await passwordFits('anything', null)).toBe(false);
    expect(await hashPassword('Grüße aus Köln', systemRandom)).not.toBe(kept);
  });
});

describe('the file of identity providers', () => {
  const one = { issuer: 'https://idp.example/', jwks_uri: 'https://idp.example/keys' };
  it('takes what is needed and says what is not right', () => {
    const [read] = issuersIn({ issuers: [one] }, 'identity.yaml', ['https://desk.example/mcp']);
    expect(read).toMatchObject({
      audiences: ['https://desk.example/mcp'],
      tenant: null,
      claims: { principal: ['sub'], role: [] },
    });
    for (const bad of [
      null,
      [],
      { issuers: [{ ...one, jwks_uri: 'file:///etc/passwd' }] },
      { issuers: [{ ...one, algorithms: ['none'] }] },
      { issuers: [{ ...one, algorithms: ['HS256'] }] },
      { issuers: [{ ...one, audiense: 'x' }] },
      { issuers: [{ jwks_uri: one.jwks_uri }] },
    ]) {
      expect(outcome(() => issuersIn(bad as never, 'identity.yaml', []))).toBe('identity_invalid');
    }
  });
});
