import { describe, expect, it } from 'vitest';
import { limits, type Json } from '../../src/kernel/index.ts';
import { compileCatalogue, isShowable, type TenantStream } from '../../src/mapping/index.ts';
import type { NativeObject } from '../../src/schema/index.ts';
import { acmeObjects, acmeStreams, renewals } from './acme.ts';
import { build, field, openDuck, rows } from './support.ts';

const records = {
  'crm.Account': [
    {
      _id: 'A1',
      Id: 'A1',
      Name: 'Nord GmbH',
      Kundensegment__c: 'Mittelstand',
      Kundenstatus__c: 'Gefährdet',
      OwnerId: 'U1',
    },
    { _id: 'A2', Id: 'A2', Name: 'Süd AG', Kundenstatus__c: 'Gesperrt', ParentId: 'A1', AnnualRevenue: 1_250_000 },
  ],
  'crm.Contact': [
    { _id: 'C1', Id: 'C1', FirstName: 'Ida', LastName: 'Weiß', Email: ' Ida@Nord.example', AccountId: 'A1' },
    { _id: 'C2', Id: 'C2', LastName: 'Ohnevor' },
  ],
  'crm.Opportunity': [
    {
      _id: 'O1',
      Id: 'O1',
      Name: 'Verlängerung 2027',
      AccountId: 'A1',
      CloseDate: '2026-12-31',
      Vertriebsphase__c: 'Verhandlung',
      Vertragsart__c: 'Verlängerung',
      Auftragswert__c: 18_250.75,
    },
  ],
  'crm.Event': [
    { _id: 'E1', Id: 'E1', WhatId: 'A1', StartDateTime: '2026-10-02T09:00:00.000Z', Besprechungsart__c: 'QBR' },
  ],
  'crm.User': [{ _id: 'U1', Id: 'U1', Name: 'Lena Brandt', IsActive: true }],
  'support.tickets': [
    {
      _id: '11',
      id: '11',
      subject: 'Export bricht ab',
      status: 'open',
      organization_id: '501',
      requester_id: '901',
      custom_360001: 'berichte',
      custom_360003: 4_000,
      custom_360004: true,
      created_at: '2026-11-01T08:00:00.000Z',
    },
    { _id: '12', id: '12', status: 'solved', organization_id: '999' },
  ],
  'support.organizations': [{ _id: '501', id: '501', name: 'Nord', external_id: 'A1' }],
  'support.users': [{ _id: '901', id: '901', email: 'ida@nord.example' }],
} satisfies { [name: string]: ({ _id: string } & { [key: string]: Json })[] };

const replaced = (streams: readonly TenantStream[], native: NativeObject): TenantStream[] =>
  streams.map((each) => (each.object.name === native.name ? { ...each, object: native } : each));

describe('the catalogue of a customised tenant', () => {
  it('has every model and native object, and one lens that answers over both systems', async () => {
    const catalogue = compileCatalogue(await renewals(), acmeStreams());
    expect([...catalogue.objects.keys()]).toEqual([
      'account',
      'contact',
      'deal',
      'meeting',
      'ticket',
      'user',
      'crm.Account',
      'crm.Contact',
      'crm.Event',
      'crm.Opportunity',
      'crm.User',
      'crm.Vertrag__c',
      'support.organizations',
      'support.tickets',
      'support.users',
    ]);
    const duck = await openDuck();
    await build(duck, catalogue, records);
    expect(
      await rows(duck, 'select crm_id, name, segment, status, parent, annual_revenue from model.account order by 1'),
    ).toEqual([
      { crm_id: 'A1', name: 'Nord GmbH', segment: 'mid_market', status: 'at_risk', parent: null, annual_revenue: null },
      { crm_id: 'A2', name: 'Süd AG', segment: null, status: null, parent: 'A1', annual_revenue: '1250000.00' },
    ]);
    expect(await rows(duck, 'select name, email from model.contact order by _id')).toEqual([
      { name: 'Ida Weiß', email: 'ida@nord.example' },
      { name: 'Ohnevor', email: null },
    ]);
    expect(
      await rows(
        duck,
        `select a.name, d.stage, d.kind, d.amount, count(distinct t.ticket_id) as tickets, max(m.held_at) as met
         from model.deal d join model.account a on a.crm_id = d.account
         left join model.ticket t on t.account = a.crm_id left join model.meeting m on m.account = a.crm_id and m.kind = 'qbr'
         group by all`,
      ),
    ).toEqual([
      {
        name: 'Nord GmbH',
        stage: 'negotiation',
        kind: 'renewal',
        amount: '18250.75',
        tickets: '1',
        met: '2026-10-02 09:00:00',
      },
    ]);
    expect(
      await rows(
        duck,
        'select ticket_id, account, requester_email, product_area, revenue_at_risk, escalated from model.ticket order by 1',
      ),
    ).toEqual([
      {
        ticket_id: '11',
        account: 'A1',
        requester_email: 'ida@nord.example',
        product_area: 'reports',
        revenue_at_risk: '4000.00',
        escalated: true,
      },
      {
        ticket_id: '12',
        account: null,
        requester_email: null,
        product_area: null,
        revenue_at_risk: null,
        escalated: false,
      },
    ]);
  });

  it('says which picklist value no mapping covers', async () => {
    const { diagnostics } = compileCatalogue(await renewals(), acmeStreams());
    expect(diagnostics).toEqual([
      {
        code: 'value_unmapped',
        object: 'crm.Account',
        field: 'account.status',
        message: expect.stringContaining('"Gesperrt"') as string,
        suggestions: [],
      },
    ]);
  });

  it('knows which references lead to one record at most', async () => {
    const manifest = await renewals();
    const { objects } = compileCatalogue(manifest, acmeStreams());
    expect(objects.get('ticket')?.fields.get('account')?.reference).toEqual({
      to: 'account',
      on: 'crm_id',
      unique: true,
    });
    expect(objects.get('crm.Opportunity')?.fields.get('AccountId')?.reference).toEqual({
      to: 'crm.Account',
      on: 'Id',
      unique: true,
    });
    // To an account or an opportunity: which of them, the value does not say.
    expect(objects.get('crm.Event')?.fields.get('WhatId')?.reference).toBeNull();
    const twoOrgs = [
      ...acmeStreams(),
      ...acmeStreams()
        .filter((each) => each.connectionSlug === 'crm')
        .map((each, index) => ({
          ...each,
          connectionSlug: 'crm-at',
          connection: 77 as TenantStream['connection'],
          stream: (900 + index) as TenantStream['stream'],
        })),
    ];
    const merged = compileCatalogue(manifest, twoOrgs);
    expect(merged.objects.get('ticket')?.fields.get('account')?.reference?.unique).toBe(false);
    expect(merged.objects.get('account')?.sources.map((each) => each.connectionSlug)).toEqual(['crm', 'crm-at']);
    const duck = await openDuck();
    await build(duck, merged, { ...records, 'crm-at.Account': [{ _id: 'A9', Id: 'A9', Name: 'Wien KG' }] });
    expect(await rows(duck, 'select name from model.account order by crm_id')).toEqual([
      { name: 'Nord GmbH' },
      { name: 'Süd AG' },
      { name: 'Wien KG' },
    ]);
  });

  it('marks as data what people typed, and as sensitive what a sensitive model field shows', async () => {
    const { objects } = compileCatalogue(await renewals(), acmeStreams());
    const untrusted = (name: string): string[] =>
      [...(objects.get(name)?.fields.values() ?? [])].filter((each) => each.untrusted).map((each) => each.name);
    expect(untrusted('deal')).toEqual(['name', 'next_step']);
    expect(untrusted('ticket')).toEqual([
      'subject',
      'description',
      'contract_number',
      'account',
      'requester_email',
      'assignee_email',
    ]);
    // Whoever may change the provider's settings types the values of a picklist; a model closes its list.
    expect(untrusted('crm.Opportunity')).toEqual(expect.arrayContaining(['Name', 'Vertriebsphase__c']));
    expect(objects.get('crm.Account')?.fields.get('Phone')?.sensitive).toBe(true);
    expect(objects.get('crm.Account')?.fields.get('Name')?.sensitive).toBe(false);
  });

  it('shows a value of a picklist as it is or not at all', () => {
    expect(isShowable('Closed Won – Q4/26')).toBe(true);
    expect(isShowable('x'.repeat(limits.labelCharsMax))).toBe(true);
    expect(isShowable('x'.repeat(limits.labelCharsMax + 1))).toBe(false);
    expect(['won\u202e', 'a\nb', 'zero\u200bwidth', ' won'].filter(isShowable)).toEqual([]);
  });

  it('never fails for a tenant whose systems differ', async () => {
    const manifest = await renewals();
    const streams = replaced(acmeStreams(), {
      ...acmeObjects.opportunity,
      fields: acmeObjects.opportunity.fields
        .filter((each) => each.name !== 'CloseDate')
        .map((each) => (each.name === 'Auftragswert__c' ? { ...each, name: 'Auftragswerte__c' } : each))
        .map((each) => (each.name === 'Verlaengerungsdatum__c' ? { ...each, type: 'boolean' as const } : each)),
    }).filter((each) => each.object.name !== 'organizations' && each.object.name !== 'Event');
    const catalogue = compileCatalogue(manifest, streams);
    expect(catalogue.diagnostics.filter((each) => each.code !== 'value_unmapped')).toEqual([
      expect.objectContaining({ code: 'native_object_missing', object: 'crm.Event' }),
      expect.objectContaining({ code: 'native_object_missing', object: 'support.organizations' }),
      expect.objectContaining({
        code: 'native_field_missing',
        field: 'deal.amount',
        suggestions: ['Auftragswerte__c', 'Vertragsart__c'],
      }),
      expect.objectContaining({ code: 'native_field_missing', field: 'deal.contract_value' }),
      expect.objectContaining({ code: 'native_field_missing', field: 'deal.close_date' }),
      expect.objectContaining({ code: 'type_mismatch', field: 'deal.renewal_date' }),
      expect.objectContaining({ code: 'native_object_missing', object: 'meeting', field: null }),
      expect.objectContaining({ code: 'native_object_missing', field: 'ticket.account' }),
    ]);
    expect(catalogue.objects.has('meeting')).toBe(false);
    expect([...(catalogue.objects.get('account')?.many.keys() ?? [])]).toEqual(['deals', 'contacts', 'tickets']);
    const duck = await openDuck();
    await build(duck, catalogue, records);
    expect(
      await rows(duck, 'select typeof(amount) as amount, typeof(close_date) as day, close_date, name from model.deal'),
    ).toEqual([{ amount: 'DECIMAL(18,2)', day: 'DATE', close_date: null, name: 'Verlängerung 2027' }]);
  });

  it('finds fields by the label that people see, and says when a label is not enough', async () => {
    const manifest = await renewals();
    const twice = replaced(acmeStreams(), {
      ...acmeObjects.tickets,
      fields: [...acmeObjects.tickets.fields, field('custom_77', 'boolean', { label: 'Eskaliert' })],
    });
    const escalated = compileCatalogue(manifest, twice).diagnostics.find((each) => each.field === 'ticket.escalated');
    expect(escalated).toMatchObject({ code: 'native_field_missing', suggestions: ['custom_360004', 'custom_77'] });
    const renamed = replaced(acmeStreams(), {
      ...acmeObjects.tickets,
      fields: acmeObjects.tickets.fields.map((each) => ({
        ...each,
        label: each.label.replace('Umsatzrisiko', 'Umsatz-Risiko'),
      })),
    });
    const risk = compileCatalogue(manifest, renamed).diagnostics.find(
      (each) => each.field === 'ticket.revenue_at_risk',
    );
    expect(risk?.suggestions).toEqual(['Umsatz-Risiko EUR']);
  });

  it('has one version per content', async () => {
    const manifest = await renewals();
    const streams = acmeStreams();
    const first = compileCatalogue(manifest, streams);
    const { documents, ...turned } = compileCatalogue(manifest, streams.toReversed());
    // Functions are equal to nothing but themselves.
    expect({ ...turned, documents: first.documents }).toEqual(first);
    expect([...documents.keys()]).toEqual([...first.documents.keys()]);
    const relabelled = replaced(streams, { ...acmeObjects.user, label: 'Mitarbeiter' });
    const second = compileCatalogue(manifest, relabelled);
    expect(second.version).not.toBe(first.version);
    expect(second.layout.version).toBe(first.layout.version);
  });
});
