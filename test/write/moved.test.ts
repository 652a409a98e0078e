import { describe, expect, it } from 'vitest';
import type { ConnectionId, JsonObject } from '../../src/kernel/index.ts';
import { joined, type RecordChain } from '../../src/write/undo/chain.ts';
import { amountOf } from '../../src/write/undo/amount-taken-back.ts';
import { movedTogether, nothingMoved } from '../../src/write/moved.ts';
import { movedBySystem } from '../../src/write/plan-systems.ts';

const eur = (amount: number | null) => ({ amount, currency: 'EUR' });
const usd = (amount: number | null) => ({ amount, currency: 'USD' });
const unknown = { amount: null, currency: null };

describe('amounts that are moved', () => {
  it.each([
    [eur(100.1), eur(0.2), eur(100.3)],
    [eur(100), usd(100), unknown],
    [eur(100), usd(0), eur(100)],
    [nothingMoved, usd(5), usd(5)],
    [nothingMoved, nothingMoved, nothingMoved],
    [eur(100), eur(null), unknown],
    [usd(0), unknown, unknown],
    // Plain numbers of an operation are of no currency, and are a sum of their own.
    [
      { amount: 2, currency: null },
      { amount: 3, currency: null },
      { amount: 5, currency: null },
    ],
    [{ amount: 2, currency: null }, eur(3), unknown],
  ])('%j and %j are %j', (one, next, sum) => {
    expect(movedTogether(one, next)).toEqual(sum);
    expect(movedTogether(next, one)).toEqual(sum);
  });

  it('are told of each system, and of none where they are in several currencies', () => {
    const write = (slug: string, worth: number, currency: string) => ({ slug, worth, currency });
    expect(
      movedBySystem([
        write('crm', 100, 'EUR'),
        write('erp', 70, 'USD'),
        write('crm', 30, 'EUR'),
        write('shop', 1, 'EUR'),
        write('shop', 1, 'USD'),
        write('shop', 1, 'USD'),
      ]),
    ).toEqual({ crm: 130, erp: 70, shop: null });
  });

  it('are one of a record that several writes changed, where they are in one currency', () => {
    const chain = (worth: number, currency: string): RecordChain => ({
      connection: 1 as ConnectionId,
      slug: 'crm',
      integration: 'crm',
      object: 'Plain',
      model: null,
      recordId: 'a',
      label: null,
      worth,
      currency,
      existedBefore: true,
      existsAfter: true,
      before: {},
      after: {},
      final: false,
      writes: [],
    });
    expect(joined(chain(100, 'EUR'), chain(20, 'EUR'))).toMatchObject({ worth: 120, currency: 'EUR' });
    expect(joined(chain(100, 'EUR'), chain(20, 'USD'))).toMatchObject({ worth: null, currency: null });
  });

  it('are of all plans that are taken back together', () => {
    const plan = (amount: number, currency: string): { content: JsonObject } => ({
      content: { impact: { records: 7, amount, currency, why: 'Sum.' } },
    });
    const taken = (...plans: { content: JsonObject }[]) =>
      amountOf(plans, [], { reached: new Map(), conflicts: 'refuse' });
    expect(taken(plan(100, 'EUR'))).toEqual(eur(100));
    expect(taken(plan(100, 'EUR'), plan(-20, 'EUR'))).toEqual(eur(120));
    expect(taken(plan(100, 'EUR'), plan(20, 'USD'))).toEqual(unknown);
    expect(taken()).toEqual(nothingMoved);
  });
});
