import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileCatalogue, relationFor, streamsFor } from '../../src/mapping/index.ts';
import { comparable } from '../../src/mapping/match/comparable.ts';
import { freeMailDomains, freeMailFamilies } from '../../src/mapping/match/free-mail.ts';
import { edgeTexts } from './edges.ts';
import { from, integration, manifestOf, model, modelField } from './hand-made.ts';
import { build, field, object, openDuck, rows, stream } from './support.ts';

const forms = ['exact', 'email', 'domain'] as const;

describe('the form in which values are compared', () => {
  it('is the same in DuckDB and in TypeScript, missing values included', async () => {
    const duck = await openDuck();
    const piece = fc.constantFrom(
      'https://',
      'mailto:',
      'www.',
      'WWW.',
      '@',
      '.',
      'acme',
      'Ä',
      'de',
      'gmx',
      ':80',
      '/x?y#z',
      ';',
      ',',
      ' ',
      '\n',
      '',
    );
    const text = fc.oneof(
      { weight: 4, arbitrary: fc.array(piece, { maxLength: 7 }).map((each) => each.join('')) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary' }).map((each) => each.replaceAll('\u0000', '')) },
      { weight: 1, arbitrary: fc.constantFrom(...edgeTexts, ...freeMailDomains.map((each) => `a@${each}`)) },
    );
    let found = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(text, { freq: 9 }), { minLength: 20, maxLength: 40 }), async (values) => {
        const list = `from_json($1::varchar::json, '["VARCHAR"]')`;
        const selected = forms.map((form) => comparable(form).sql('x')).join(', ');
        const result = await duck.runAndReadAll(`select ${selected} from (select unnest(${list}) as x)`, [
          JSON.stringify(values),
        ]);
        const expected = values.map((value) =>
          forms.map((form) => (value === null ? null : comparable(form).value(value))),
        );
        expect(result.getRows()).toEqual(expected);
        found += expected.filter(([, , domain]) => domain !== null).length;
      }),
      { numRuns: 60 },
    );
    expect(found).toBeGreaterThan(50);
  });

  it.each([
    ['https://www.Acme.example/about?x=1', 'acme.example'],
    ['acme.example', 'acme.example'],
    ['lena.brandt@ACME.example', 'acme.example'],
    ['http://user:pass@shop.acme.example:8080/', 'shop.acme.example'],
    ['acme.example.', 'acme.example'],
    ['acme.example;acme.test', 'acme.example'],
    ['www.example', 'www.example'],
    ['acme', null],
    ['two words.example', null],
    ['', null],
    ...freeMailDomains.map((each): [string, null] => [`someone@${each}`, null]),
    ...freeMailFamilies.flatMap((each): [string, null][] => [
      [`${each}.de`, null],
      [`a@${each}.co.uk`, null],
    ]),
  ])('of %s as a domain is %s', (text, host) => {
    expect(comparable('domain').value(text)).toBe(host);
  });
});

const account = (more: Parameters<typeof modelField>[2] = {}) =>
  model('account', [
    modelField('crm_id', 'id'),
    modelField('site', 'string'),
    modelField('parent', 'reference', { reference: { to: 'account', on: 'crm_id' }, ...more }),
  ]);
const ticket = model('ticket', [
  modelField('number', 'id'),
  modelField('account', 'reference', { reference: { to: 'account', on: 'crm_id' } }),
]);
const crmAccount = object('Account', [field('Id', 'id'), field('Site', 'string'), field('Group', 'string')]);
const ticketObject = object('Ticket', [field('Id', 'id'), field('Email', 'string')]);
const bySite = from('Email', [{ kind: 'match', by: 'site', as: 'domain' }]);

describe('a reference matched by another field', () => {
  const manifest = manifestOf(
    [ticket, account()],
    [
      integration('crm', {
        Account: {
          model: 'account',
          fields: { crm_id: 'Id', site: 'Site', parent: from('Group', [{ kind: 'match', by: 'site', as: 'domain' }]) },
        },
      }),
      integration('support', { Ticket: { model: 'ticket', fields: { number: 'Id', account: bySite } } }),
    ],
  );
  const streams = [stream('crm', crmAccount), stream('support', ticketObject)];

  it('finds the record of another system, and nothing where several have the value or it says nothing', async () => {
    const catalogue = compileCatalogue(manifest, streams);
    expect(catalogue.diagnostics).toEqual([]);
    const duck = await openDuck();
    await build(duck, catalogue, {
      'crm.Account': [
        { _id: 'a1', Id: 'a1', Site: 'https://www.acme.example', Group: 'globex.example' },
        { _id: 'a2', Id: 'a2', Site: 'globex.example' },
        { _id: 'a3', Id: 'a3', Site: 'twice.example', Group: 'nobody.example' },
        { _id: 'a4', Id: 'a4', Site: 'TWICE.example' },
        { _id: 'a5', Id: 'a5', Site: 'gmail.com', Group: 'acme.example' },
        { _id: 'a6', Id: 'a6' },
      ],
      'support.Ticket': [
        { _id: 't1', Id: 't1', Email: 'lena@Acme.example' },
        { _id: 't2', Id: 't2', Email: 'x@twice.example' },
        { _id: 't3', Id: 't3', Email: 'someone@gmail.com' },
        { _id: 't4', Id: 't4' },
        { _id: 't5', Id: 't5', Email: 'x@unknown.example' },
      ],
    });
    expect(await rows(duck, 'select number, account from model.ticket order by number')).toEqual([
      { number: 't1', account: 'a1' },
      { number: 't2', account: null },
      { number: 't3', account: null },
      { number: 't4', account: null },
      { number: 't5', account: null },
    ]);
    // Matched within the model itself, which is no circle: the site comes straight from the system.
    expect(await rows(duck, 'select crm_id, parent from model.account where parent is not null order by 1')).toEqual([
      { crm_id: 'a1', parent: 'a2' },
      { crm_id: 'a5', parent: 'a1' },
    ]);
  });

  it('costs its join, and depends on the other system, only where it is read', () => {
    const found = compileCatalogue(manifest, streams).objects.get('ticket');
    if (found === undefined) throw new Error('it is fed');
    const [crm, support] = streams.map((each) => each.stream);
    expect(relationFor(found, ['number'])).not.toContain('join');
    expect(streamsFor(found, new Set(['number']))).toEqual(new Set([support]));
    expect(streamsFor(found, new Set(['account']))).toEqual(new Set([support, crm]));
  });

  it('is refused where it would need its own result, or what nobody fills', async () => {
    const circle = manifestOf(
      [
        model('account', [
          modelField('crm_id', 'id'),
          modelField('site', 'reference', { reference: { to: 'ticket', on: 'number' } }),
        ]),
        ticket,
      ],
      [
        integration('crm', {
          Account: {
            model: 'account',
            fields: { crm_id: 'Id', site: from('Site', [{ kind: 'match', by: 'account', as: 'exact' }]) },
          },
        }),
        integration('support', { Ticket: { model: 'ticket', fields: { number: 'Id', account: bySite } } }),
      ],
    );
    const told = compileCatalogue(circle, streams);
    expect(told.diagnostics.map(({ code, field: name }) => [code, name])).toEqual([
      ['match_impossible', 'account.site'],
      ['match_impossible', 'ticket.account'],
    ]);
    const duck = await openDuck();
    await build(duck, told, { 'support.Ticket': [{ _id: 't1', Id: 't1', Email: 'lena@acme.example' }] });
    expect(await rows(duck, 'select number, account from model.ticket')).toEqual([{ number: 't1', account: null }]);

    const unfilled = manifestOf(
      [account(), ticket],
      [
        integration('crm', { Account: { model: 'account', fields: { crm_id: 'Id', parent: 'Group' } } }),
        integration('support', { Ticket: { model: 'ticket', fields: { number: 'Id', account: bySite } } }),
      ],
    );
    expect(compileCatalogue(unfilled, streams).diagnostics).toContainEqual(
      expect.objectContaining({
        code: 'match_impossible',
        field: 'ticket.account',
        message: expect.stringContaining('nothing in this tenant fills account.site'),
      }),
    );
    const alone = compileCatalogue(manifest, streams.slice(1));
    expect(alone.diagnostics.map(({ message }) => message).join()).toContain('nothing in this tenant feeds account');
  });
});

describe('a merge that cannot be', () => {
  const merged = model(
    'account',
    [modelField('crm_id', 'id'), modelField('vat', 'string'), modelField('site', 'string')],
    [
      ['vat', 'exact'],
      ['site', 'domain'],
    ],
  );
  const natives = object('Account', [field('Id', 'id'), field('Vat', 'string'), field('Site', 'string')]);
  const streams = ['crm', 'erp', 'shop'].map((slug) => stream(slug, natives));
  const feeding = (name: string, fields: { readonly [field: string]: string }) =>
    integration(name, { Account: { model: 'account', fields } });

  it('is told: a key that one system alone fills, and a system that fills none', () => {
    const catalogue = compileCatalogue(
      manifestOf(
        [merged],
        [
          feeding('crm', { crm_id: 'Id', vat: 'Vat', site: 'Site' }),
          feeding('erp', { site: 'Site' }),
          feeding('shop', { crm_id: 'Id' }),
        ],
      ),
      streams,
    );
    expect(catalogue.diagnostics.map(({ code, object: name, field: key }) => [code, name, key])).toEqual([
      ['match_impossible', 'account', 'account.vat'],
      ['match_impossible', 'shop.Account', null],
    ]);
    expect(catalogue.objects.get('account')?.merge?.by).toEqual(['site']);
  });

  it('leaves a model that one system feeds exactly as it is', () => {
    const one = [feeding('crm', { crm_id: 'Id', vat: 'Vat', site: 'Site' })];
    const [crm] = streams;
    if (crm === undefined) throw new Error('three streams');
    const plain = compileCatalogue(manifestOf([{ ...merged, match: [] }], one), [crm]);
    const keyed = compileCatalogue(manifestOf([merged], one), [crm]);
    expect(keyed.layout).toEqual(plain.layout);
    expect(keyed.diagnostics).toEqual(plain.diagnostics);
  });

  it('says who decides: the narrowest claim, then trust, then the name', () => {
    const all = { crm_id: 'Id', vat: 'Vat', site: 'Site' };
    const catalogue = compileCatalogue(
      manifestOf(
        [merged],
        [
          { ...feeding('crm', all), trust: 'engagement' as const },
          { ...feeding('erp', all), systemOfRecord: ['account.vat'] },
          { ...feeding('shop', all), trust: 'last_resort' as const, systemOfRecord: ['account'] },
        ],
      ),
      streams,
    );
    const decided = catalogue.objects.get('account');
    const names = decided?.sources.map((source) => source.connectionSlug) ?? [];
    const decides = (name: string) => decided?.merge?.order.get(name)?.map((at) => names[at]);
    expect(names).toEqual(['shop', 'erp', 'crm']);
    expect(decides('vat')).toEqual(['erp', 'shop', 'crm']);
    expect(decides('site')).toEqual(['shop', 'erp', 'crm']);
    expect(decided?.sources.map((source) => source.decides)).toEqual(['all', ['vat'], undefined]);
  });
});
