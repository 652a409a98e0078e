import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createWorld, type World } from '../../sandbox/world/index.ts';
import { all, ANCHOR, KINDS, recordOf, worldOf } from './worlds.ts';

function fingerprint(world: World): string {
  const hash = createHash('sha256');
  for (const kind of ['users', 'accounts', 'contacts', 'opportunities', 'meetings', 'tickets'] as const) {
    for (const record of all(world.counts[kind], (index) => recordOf(world, kind, index)))
      hash.update(JSON.stringify(record));
  }
  return hash.digest('hex');
}

describe('the first company', () => {
  it('has the same bytes for a seed as ever', () => {
    expect(fingerprint(createWorld({ seed: 1, scale: 2_000, anchor: ANCHOR }))).toBe(
      '77dd1c67d85d84ddab41b5ed93e040e4cff3a735ef7c7d6616946815c778856c',
    );
    expect(fingerprint(createWorld({ seed: 2 ** 33 + 1, scale: 3_000, anchor: ANCHOR, company: 'acme' }))).toBe(
      'c0b3616ad97ec0f6126c2996694944975601f8962304c17cabff327cb5334ec8',
    );
  });
});

describe('globex', () => {
  const world = worldOf(20_000, 1, 'globex');

  it('has other people, customers and records than acme for the same seed', () => {
    const acme = worldOf(20_000);
    for (const kind of KINDS) {
      const [one, other] = [recordOf(acme, kind, 7), recordOf(world, kind, 7)];
      expect(one).not.toEqual(other);
    }
    // Not the same draws under other names: two companies of a seed have nothing in common.
    const sizes = [...all(world.counts.accounts, (index) => [acme.account(index), world.account(index)] as const)];
    const equal = sizes.filter(([one, other]) => one.employees === other.employees);
    expect(equal.length).toBeLessThan(sizes.length / 10);
    const names = new Set(all(acme.counts.accounts, (index) => acme.account(index).domain));
    for (const { domain } of all(world.counts.accounts, world.account)) expect(names.has(domain)).toBe(false);
    expect(world.company).toEqual({
      id: 'globex',
      name: 'Globex Impianti S.p.A.',
      domain: 'globex-impianti.example',
    });
  });

  it('has unique domains and names even in the largest world, and nobody shares an address', () => {
    const large = worldOf(1_000_000, 9, 'globex');
    const { accounts } = large.counts;
    const domains = new Set<string>();
    const names = new Set<string>();
    for (const account of all(accounts, large.account)) {
      domains.add(account.domain);
      names.add(account.name.toLowerCase());
    }
    expect([domains.size, names.size]).toEqual([accounts, accounts]);
    const { contacts } = world.counts;
    expect(new Set(all(contacts, (index) => world.contact(index).email)).size).toBe(contacts);
  });

  it('has most of its customers in Italy, Germany and France', () => {
    const countries = [...all(world.counts.accounts, (index) => world.account(index).country)];
    const share = (country: string): number => countries.filter((one) => one === country).length / countries.length;
    for (const country of ['IT', 'DE', 'FR']) expect(share(country)).toBeGreaterThan(0.15);
    expect(share('IT') + share('DE') + share('FR')).toBeGreaterThan(0.65);
  });

  it('tells reviews from other meetings by QBR in the subject alone', () => {
    for (const { kind, subject } of all(world.counts.meetings, world.meeting))
      if (/qbr/i.test(subject) !== (kind === 'QBR')) expect.fail(`${kind}: ${subject}`);
  });

  it('writes Italian with Italians and English with everybody else', () => {
    const greeted = (country: string): readonly string[] =>
      [...all(world.counts.tickets, world.ticket)]
        .filter(({ account }) => world.account(account).country === country)
        .map(({ description }) => description);
    const italian = /^(?:Buongiorno|Ciao a tutti|Gentile assistenza|Salve)/;
    expect(greeted('IT').filter((text) => italian.test(text)).length).toBeGreaterThan(greeted('IT').length * 0.95);
    expect(greeted('DE').some((text) => italian.test(text))).toBe(false);
  });
});

it('refuses a company that there is not', () => {
  expect(() => createWorld({ seed: 1, scale: 2_000, anchor: ANCHOR, company: 'initech' as 'acme' })).toThrow(
    'company must be one of acme, globex, not initech',
  );
});
