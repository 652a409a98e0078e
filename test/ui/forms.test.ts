import { describe, expect, it } from 'vitest';
import { switchBody } from '../../src/api/audit-requests.ts';
import { erasureBody } from '../../src/api/erasure-routes.ts';
import { stopTable } from '../../src/switches/stopped-by.ts';
import type { ApprovalLine, Me } from '../../ui/src/api/types.ts';
import { isShown, type ApprovalFilter } from '../../ui/src/pure/approval-filter.ts';
import { emptyErase, eraseBody, lookedAt, stepsDone } from '../../ui/src/pure/erase.ts';
import { wordsFor } from '../../ui/src/pure/states.ts';
import { writeStates, writeStatesBefore } from '../../src/write/write-state.ts';
import {
  figuresText,
  kindsFor,
  namesOf,
  stopBody,
  stopKinds,
  stopModes,
  stopPreview,
  type StopKind,
  type StopWish,
} from '../../ui/src/pure/stop.ts';

const filled: StopWish = {
  kind: 'tenant',
  tenant: 'acme',
  connection: 'crm',
  object: 'Opportunity',
  operation: 'deal.close',
  agent: 'closer',
  principal: 'ida@acme.example',
  mode: 'stop_writes',
  reason: ' wrong amounts ',
};

describe('the form that stops', () => {
  const subjects: Readonly<Record<StopKind, object>> = {
    installation: {},
    tenant: { tenant: 'acme' },
    connection: { tenant: 'acme', connection: 'crm' },
    object: { tenant: 'acme', connection: 'crm', object: 'Opportunity' },
    operation: { tenant: 'acme', operation: 'deal.close' },
    agent: { tenant: 'acme', agent: 'closer' },
    principal: { tenant: 'acme', principal: 'ida@acme.example' },
  };

  it.each(stopKinds.flatMap((kind) => stopModes.map((mode) => [kind, mode] as const)))(
    'asks for that and nothing else: %s, %s',
    (kind, mode) => {
      const body = stopBody({ ...filled, kind, mode });
      expect(body).toEqual({ ...subjects[kind], mode, reason: 'wrong amounts' });
      // What the address takes, with the modes that it knows.
      expect(switchBody.parse(body)).toEqual(body);
    },
  );

  it('asks for nothing before what it is about is named', () => {
    for (const kind of stopKinds) {
      for (const name of namesOf(kind)) {
        expect([kind, name, stopBody({ ...filled, kind, [name]: '  ' })]).toEqual([kind, name, null]);
        expect(stopPreview({ ...filled, kind, [name]: '' })).toBeNull();
      }
    }
    expect(kindsFor(null)).toEqual(['installation']);
  });

  it.each(stopModes)('says of %s what the table of the server says', (mode) => {
    const { prepare, accept, send, call } = stopTable[mode];
    const text = (stopPreview({ ...filled, kind: 'connection', mode }) ?? []).join(' ');
    expect(text).toContain('connection crm of acme');
    expect(/may still prepare/.test(text)).toBe(!prepare);
    expect(/[nN]othing (new )?is (written|accepted|prepared, accepted)/.test(text)).toBe(accept);
    expect(/is still sent/.test(text)).toBe(!send);
    expect(/no call at all begins/.test(text)).toBe(call);
  });

  it('does not promise that reading stops where calls do not name the thing', () => {
    const text = (kind: StopKind): string => (stopPreview({ ...filled, kind, mode: 'stop_all_upstream' }) ?? []).join();
    for (const kind of ['installation', 'tenant', 'connection'] as const)
      expect(text(kind)).toContain('no call at all');
    for (const kind of ['object', 'operation', 'agent', 'principal'] as const) {
      expect(text(kind)).not.toContain('no call at all');
      expect(text(kind)).toContain('go on');
    }
  });

  it('tells the figures of triggers', () => {
    expect(
      [
        { per: 'connection', within_s: 900, ended: 40, failed: 13, most_share: 0.3, of_at_least: 20 },
        { per: 'agent', within_s: 3_600, records: 2_001, most: 2_000 },
        { per: 'tenant', within_s: 86_400, amount: 50_400.5, most: 50_000 },
        { odd: true },
        null,
      ].map(figuresText),
    ).toEqual([
      '13 of 40 writes failed within 15 min; 30 % may',
      'writes to 2,001 records were accepted within 1 h; 2,000 may be',
      'writes worth 50,400.5 were accepted within 1 d; 50,000 may be',
      null,
      null,
    ]);
  });
});

describe('the form that erases', () => {
  it('asks for what was typed, a line each, and takes no line that is no record', () => {
    const asked = eraseBody({
      ...emptyErase,
      email: ' jane@example.com ',
      users: 'jane\n\n jane.roe ',
      records: 'crm/Contact/003/1',
      texts: 'Jane Roe',
      note: 'ticket 4471',
    });
    if (asked.kind === 'wrong') throw new Error(asked.why);
    expect(erasureBody.parse(asked.body)).toEqual({
      email: 'jane@example.com',
      users: ['jane', 'jane.roe'],
      records: [{ connection: 'crm', object: 'Contact', id: '003/1' }],
      texts: ['Jane Roe'],
      mentions: false,
      dry_run: false,
      note: 'ticket 4471',
    });
    for (const wrong of [{ records: 'crm/Contact' }, { texts: 'Jane Roe' }, { users: ' \n ' }]) {
      expect(eraseBody({ ...emptyErase, ...wrong }).kind).toBe('wrong');
    }
    expect(['asked', 'hidden', 'cleared', 'copied', 'done', 'lifted'].map(stepsDone)).toEqual([1, 2, 3, 4, 5, 5]);
  });
});

describe('what the form that erases shows', () => {
  it('is only what was looked at for exactly what it says now, at that customer', () => {
    const path = '/v1/tenants/acme/erasures';
    const jane = { ...emptyErase, email: 'jane@example.com' };
    const asked = eraseBody(jane);
    if (asked.kind === 'wrong') throw new Error(asked.why);
    const looked = { path, body: asked.body, report: { record: 1 } };
    expect(lookedAt(looked, { path, wish: { ...jane, email: ' jane@example.com ' } })).toBe(looked);
    // The answer for Jane came when John had been typed already.
    expect(lookedAt(looked, { path, wish: { ...jane, email: 'john@example.com' } })).toBeNull();
    expect(lookedAt(looked, { path, wish: { ...jane, mentions: true } })).toBeNull();
    expect(lookedAt(looked, { path, wish: { ...jane, note: 'ticket 4472' } })).toBeNull();
    expect(lookedAt(looked, { path, wish: emptyErase })).toBeNull();
    expect(lookedAt(looked, { path: '/v1/tenants/beta/erasures', wish: jane })).toBeNull();
    expect(lookedAt(null, { path, wish: jane })).toBeNull();
  });
});

describe('what a person may say about a write', () => {
  it('is what the server takes in that state', () => {
    const events = { applied: 'said_applied', not_applied: 'said_failed', send_again: 'sent_again' } as const;
    for (const state of writeStates) {
      const taken = (['applied', 'not_applied', 'send_again'] as const).filter((word) =>
        writeStatesBefore(events[word]).includes(state),
      );
      expect([state, wordsFor(state)]).toEqual([state, taken]);
    }
  });
});

describe('the list of approvals', () => {
  const me: Me = { name: 'Ann@acme.example', role: 'approver', person: true };
  const line: ApprovalLine = {
    id: 1,
    tenant: 'acme',
    kind: 'approval',
    state: 'waiting',
    plan: 'plan_1',
    need: 'large#1',
    title: 'Update 3 deals',
    amount: 8_000,
    currency: 'EUR',
    records: 3,
    agent: 'copilot',
    principal: 'ida@acme.example',
    asked_of: ['lena@acme.example'],
    asked_at: '2026-11-21T10:00:00.000Z',
    due_at: '2026-11-21T14:00:00.000Z',
    expires_at: null,
    decided_by: null,
    decided_at: null,
  };
  const shown = (filter: Partial<ApprovalFilter>, more: Partial<ApprovalLine> = {}, standsInFor: string[] = []) =>
    isShown(
      { ...line, ...more },
      { view: 'all', words: '', ...filter },
      { me, standsInFor, now: new Date('2026-11-21T13:00:00.000Z') },
    );

  it('is looked through by words, by whose it is, and by what is late', () => {
    expect([shown({}), shown({ words: 'DEALS ida' }), shown({ words: 'deals bob' })]).toEqual([true, true, false]);
    expect([shown({ view: 'mine' }), shown({ view: 'mine' }, { asked_of: null })]).toEqual([false, true]);
    expect(shown({ view: 'mine' }, { asked_of: ['ann@acme.example'] })).toBe(true);
    expect(shown({ view: 'mine' }, {}, ['lena@acme.example'])).toBe(true);
    expect([shown({ view: 'late' }), shown({ view: 'late' }, { due_at: '2026-11-21T12:59:00.000Z' })]).toEqual([
      false,
      true,
    ]);
    expect([shown({ view: 'reviews' }), shown({ view: 'reviews' }, { kind: 'review' })]).toEqual([false, true]);
  });
});
