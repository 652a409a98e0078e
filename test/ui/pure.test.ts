import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvText, jsonLines } from '../../ui/src/pure/export-lines.ts';
import { may } from '../../ui/src/pure/may.ts';
import { moneyText, recordsText } from '../../ui/src/pure/money.ts';
import { understand } from '../../ui/src/pure/question.ts';
import { hashOf, routeIn, type Route } from '../../ui/src/pure/route.ts';
import { eventsIn } from '../../ui/src/pure/sse.ts';
import { spanText, timeLeft } from '../../ui/src/pure/time.ts';

// A Saturday.
const now = new Date(2026, 10, 21, 15);

describe('questions in words', () => {
  const day = (date: number): string => new Date(2026, 10, date).toISOString();

  it.each([
    ['', {}],
    ['what did the agent do with account 4471 last Tuesday?', { about: '4471', from: day(17), to: day(18) }],
    [
      'changes by copilot in crm over 1,500',
      {
        kind: expect.stringContaining('write_ended') as string,
        agent: 'copilot',
        connection: 'crm',
        amount_from: '1500',
      },
    ],
    ['for ida@acme.example yesterday', { person: 'ida@acme.example', from: day(20), to: day(21) }],
    ['"in the north" today', { about: 'in the north', from: day(21), to: day(22) }],
    ['on 2026-11-03 under 20.5', { from: day(3), to: day(4), amount_to: '20.5' }],
    ['Nordwind AG since 7d', { about: 'Nordwind AG', from: new Date(now.getTime() - 7 * 86_400_000).toISOString() }],
    ['since monday', { from: day(16) }],
    ['plan_AbC', { plan: 'plan_AbC' }],
    ['last year', { about: 'last year' }],
  ])('%s', (text, question) => {
    expect(understand(text, now).question).toEqual(question);
  });

  it('say what was understood, and never fail', () => {
    expect(understand('4471 over 500 by copilot', now).phrases).toEqual([
      'about 4471',
      'worth 500 or more',
      'by copilot',
    ]);
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), (text) => {
        const { question, phrases } = understand(text, now);
        // Each filter is told of; a time is one phrase of one or two filters, and the last word of several holds.
        if (Object.keys(question).length > 0) expect(phrases.length).toBeGreaterThan(0);
        for (const value of Object.values(question)) expect(value).toEqual(expect.any(String) as string);
      }),
    );
  });
});

describe('what is shown', () => {
  it('counts down in words', () => {
    const asked = new Date(now.getTime() - 3_600_000);
    const left = (ms: number) => timeLeft({ asked, due: new Date(now.getTime() + ms), now });
    expect(left(3 * 3_600_000 + 12 * 60_000)).toEqual({ text: '3 h 12 min left', urgency: 'calm' });
    expect(left(5 * 60_000)).toEqual({ text: '5 min left', urgency: 'soon' });
    expect(left(-5 * 60_000)).toEqual({ text: '5 min overdue', urgency: 'late' });
    expect([0, 59_999, 3_600_000, 86_400_000, 2 * 86_400_000 + 7_200_000].map(spanText)).toEqual([
      '0 s',
      '59 s',
      '1 h',
      '1 day',
      '2 days 2 h',
    ]);
  });

  it('names money and records', () => {
    expect([moneyText(1200.5, 'EUR'), moneyText(0, 'EUR'), moneyText(null, null), moneyText(3, null)]).toEqual([
      '1,200.5 EUR',
      'no money',
      'worth unknown',
      '3',
    ]);
    expect([recordsText(1), recordsText(10_000)]).toEqual(['1 record', '10,000 records']);
  });

  it('offers each role what it may do', () => {
    const of = (role: Parameters<typeof may>[0]) =>
      (['seeValues', 'decide', 'readAudit', 'undo', 'operate'] as const).filter((what) => may(role, what));
    expect(of('viewer')).toEqual([]);
    expect(of('operator')).toEqual(['readAudit', 'undo', 'operate']);
    expect(of('approver')).toEqual(['seeValues', 'decide']);
    expect(of('admin')).toHaveLength(5);
  });

  it('is exported so that no spreadsheet runs it', () => {
    const entry = { seq: 1, at: 'a', kind: 'write_ended', sentence: '=1+1', erased: false, reason: 'a "b", c' };
    expect(csvText([entry]).split('\r\n')[1]).toBe(`1,a,write_ended,'=1+1,,,,"a ""b"", c",`);
    expect(JSON.parse(jsonLines([entry]))).toEqual(entry);
  });
});

describe('addresses and streams', () => {
  it('lead back to where they were made', () => {
    const text = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' });
    const routes: fc.Arbitrary<Route> = fc.oneof(
      fc.record({ screen: fc.constant('approvals' as const), tenant: text, open: fc.option(fc.nat(999_999_999)) }),
      fc.record({ screen: fc.constant('audit' as const), tenant: text, asked: fc.oneof(fc.constant(''), text) }),
      fc.record({ screen: fc.constant('plan' as const), tenant: text, plan: text }),
      fc.record({ screen: fc.constant('connections' as const), tenant: text }),
    );
    fc.assert(
      fc.property(routes, (route) => {
        expect(routeIn(hashOf(route))).toEqual(route);
      }),
    );
    expect(
      ['', '#/', '#/acme', '#/acme/nothing', '#/a/b/c/d', '#/%/audit'].map((hash) => routeIn(hash).screen),
    ).toEqual(Array.from({ length: 6 }, () => 'home'));
  });

  it('are read wherever they are cut', () => {
    const whole = 'event: ready\ndata: {}\n\n: alive\n\nevent: audit_grew\r\ndata: {}\r\n\r\n';
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length)), (cuts) => {
        const names: string[] = [];
        let text = '';
        let from = 0;
        for (const at of [...cuts.toSorted((a, b) => a - b), whole.length]) {
          const read = eventsIn(text + whole.slice(from, at));
          names.push(...read.names);
          text = read.rest;
          from = at;
        }
        expect(names).toEqual(['ready', 'audit_grew']);
      }),
    );
  });
});
