import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditKinds } from '../../src/audit/types.ts';
import { csvText, jsonLines } from '../../ui/src/pure/export-lines.ts';
import { may, type Role } from '../../ui/src/pure/may.ts';
import { moneyText, recordsText } from '../../ui/src/pure/money.ts';
import { understand } from '../../ui/src/pure/question.ts';
import { hashOf, routeIn, type Route } from '../../ui/src/pure/route.ts';
import { screens, screensFor } from '../../ui/src/pure/screens.ts';
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
    ['__proto__ constructor toString 5', { about: '__proto__ constructor toString 5' }],
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

  it('have a word for each kind of thing that the audit has, but for a write that was only tried', () => {
    const words = 'changes approvals plans undone erasures stops calls configuration'.split(' ');
    const named = words.flatMap((word) => understand(word, now).question.kind?.split(',') ?? []);
    expect(named.toSorted()).toEqual(auditKinds.filter((kind) => kind !== 'write_attempted').toSorted());
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
    const deeds = ['seeValues', 'decide', 'delegate', 'readAudit', 'undo', 'operate', 'breakGlass', 'erase'] as const;
    const of = (role: Role) => deeds.filter((what) => may(role, what));
    expect(of('viewer')).toEqual([]);
    expect(of('operator')).toEqual(['readAudit', 'undo', 'operate']);
    expect(of('approver')).toEqual(['seeValues', 'decide', 'delegate']);
    expect(of('admin')).toEqual(deeds);
    const seen = (role: Role) => screensFor(role).map(({ screen }) => screen);
    expect(seen('viewer')).toEqual(['approvals', 'connections', 'stops']);
    expect(seen('approver')).toEqual(['approvals', 'connections', 'stops']);
    expect(seen('operator')).toEqual(['approvals', 'audit', 'connections', 'plans', 'aside', 'stops', 'checklist']);
    expect(seen('admin')).toEqual(screens.map(({ screen }) => screen));
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
    // No customer is called `*`: that is all of them.
    const tenant = text.filter((name) => name !== '*');
    const id = fc.nat(999_999_999);
    const routes: fc.Arbitrary<Route> = fc.oneof(
      fc.record({
        screen: fc.constant('approvals' as const),
        tenant: fc.constant(null),
        open: fc.option(fc.record({ tenant: text, id })),
      }),
      fc.tuple(tenant, fc.option(id)).map(([of, open]) => ({
        screen: 'approvals' as const,
        tenant: of,
        open: open === null ? null : { tenant: of, id: open },
      })),
      fc.record({ screen: fc.constantFrom('stops' as const, 'checklist' as const), tenant: fc.option(tenant) }),
      fc.record({ screen: fc.constant('plans' as const), tenant, state: fc.option(text) }),
      fc.record({ screen: fc.constant('erasures' as const), tenant, open: fc.option(id) }),
      fc.record({ screen: fc.constant('audit' as const), tenant, asked: fc.oneof(fc.constant(''), text) }),
      fc.record({ screen: fc.constant('plan' as const), tenant, plan: text }),
      fc.record({ screen: fc.constantFrom('connections' as const, 'aside' as const), tenant }),
    );
    fc.assert(
      fc.property(routes, (route) => {
        expect(routeIn(hashOf(route))).toEqual(route);
      }),
    );
    expect(
      ['', '#/', '#/acme', '#/acme/nothing', '#/a/b/c/d', '#/%/audit', '#/*/audit'].map((hash) => routeIn(hash).screen),
    ).toEqual(Array.from({ length: 7 }, () => 'home'));
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
