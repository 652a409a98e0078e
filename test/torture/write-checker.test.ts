import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { unapproved } from '../../torture/checker/approvals.ts';
import { brokenChain, untoldWrites } from '../../torture/checker/audit.ts';
import { canariesIn, turnedWrites, wrongEffects } from '../../torture/checker/effects.ts';
import type { SystemFacts } from '../../torture/checker/facts.ts';
import type { Approval, AuditLine, Intent } from '../../torture/checker/intents.ts';
import type { Effect } from '../../torture/checker/ledger.ts';

const system = { tenant: 'acme', integration: 'crm', provider: 'salesforce' } as SystemFacts;

const intent = (more: Partial<Intent> = {}): Intent => ({
  tenant: 'acme',
  integration: 'crm',
  plan: 'plan_1',
  item: 0,
  object: 'Contact',
  operation: 'create',
  state: 'succeeded',
  recordId: '003',
  seq: 1,
  dedupe: 'external_id',
  values: { LastName: 'canary-acme-1' },
  attempts: 1,
  approved: false,
  payloadHash: 'h',
  ...more,
});

const effect = (more: Partial<Effect> = {}): Effect => ({
  op: 'create',
  object: 'Contact',
  id: '003',
  fields: { LastName: 'canary-acme-1', Gantry_Key__c: 'k' },
  seq: 1,
  ...more,
});

const found = (intents: readonly Intent[], effects: readonly Effect[]): string[] =>
  wrongEffects(system, intents, effects).map(({ invariant }) => invariant);

describe('what the checker says of writes', () => {
  it('is nothing where each of them took effect as it was said', () => {
    expect(found([intent()], [effect()])).toEqual([]);
    expect(found([intent({ state: 'failed' })], [])).toEqual([]);
    for (const effects of [[], [effect()]]) expect(found([intent({ state: 'needs_human' })], effects)).toEqual([]);
    // Of another system, and of an object that nobody writes: no business of this one.
    expect(found([intent({ integration: 'erp' })], [effect({ object: 'Task' })])).toEqual([]);
  });

  it('I3, I4: too many effects, too few, or such that nobody accepted', () => {
    expect(found([intent()], [effect(), effect({ id: '004', seq: 2 })])).toEqual(['I3']);
    expect(found([intent({ state: 'outcome_unknown' })], [effect(), effect()])).toEqual(['I3']);
    expect(found([intent()], [])).toEqual(['I4']);
    expect(found([intent({ state: 'failed' })], [effect()])).toEqual(['I4']);
    expect(found([intent()], [effect(), effect({ fields: { LastName: 'canary-acme-2' } })])).toEqual(['I4']);
  });

  it('knows a write again by its own text, however deep, and by the record that it changes', () => {
    expect(
      canariesIn({ a: ['x', { b: 'canary-acme-2' }], c: 'canary-acme-1', d: 'canary-acme-1' }, 'canary-acme-'),
    ).toEqual(['canary-acme-1', 'canary-acme-2']);
    const update = intent({ operation: 'update', recordId: 'mine/003' });
    expect(found([update], [effect({ op: 'update' })])).toEqual([]);
    expect(found([update], [effect({ op: 'update', id: '004' })])).toEqual(['I4', 'I4']);
  });

  it('I5: another order than that of acceptance, of one record', () => {
    const [first, second] = [1, 2].map((seq) =>
      intent({ operation: 'update', seq, item: seq, values: { LastName: `canary-acme-${String(seq)}` } }),
    );
    const at = (seq: number, text: string): Effect => effect({ op: 'update', seq, fields: { LastName: text } });
    if (first === undefined || second === undefined) throw new Error('two are needed');
    expect(turnedWrites(system, [first, second], [at(5, 'canary-acme-1'), at(6, 'canary-acme-2')])).toEqual([]);
    expect(turnedWrites(system, [first, second], [at(6, 'canary-acme-1'), at(5, 'canary-acme-2')])).toHaveLength(1);
  });

  it('I7: a chain that was cut or changed, by the formula of the documents', () => {
    const lines: AuditLine[] = [];
    let before = Buffer.alloc(32);
    for (const seq of [1, 2, 3]) {
      const [salt, body, at] = [Buffer.from([seq]), `{"seq":${String(seq)}}`, new Date(seq)];
      const commitment = createHash('sha256').update(salt).update(body).digest();
      const text = JSON.stringify([before.toString('hex'), seq, at.toISOString(), 'k', commitment.toString('hex')]);
      const hash = createHash('sha256').update(text).digest();
      lines.push({ seq, at, kind: 'k', commitment, hash, salt, body });
      before = hash;
    }
    expect(brokenChain('acme', lines)).toEqual([]);
    // Erased: what it committed to stays.
    expect(
      brokenChain(
        'acme',
        lines.map((line) => ({ ...line, salt: null, body: null })),
      ),
    ).toEqual([]);
    expect(brokenChain('acme', lines.toSpliced(1, 1))).toHaveLength(1);
    expect(
      brokenChain(
        'acme',
        lines.map((line) => ({ ...line, body: '{}' })),
      ),
    ).toHaveLength(1);
    expect(
      brokenChain(
        'acme',
        lines.map((line) => ({ ...line, kind: 'x' })),
      ),
    ).toHaveLength(1);
  });

  it('I7: a write of which the audit says too little or too much', () => {
    const about = { plan: 'plan_1', write: 'plan_1/0' };
    const line = (kind: string, detail: object = {}): AuditLine => ({
      seq: 1,
      at: new Date(0),
      kind,
      commitment: Buffer.alloc(0),
      hash: Buffer.alloc(0),
      salt: null,
      body: JSON.stringify({ subject: about, detail }),
    });
    const ended = line('write_ended', { outcome: { kind: 'applied' } });
    const whole = [line('plan_prepared'), line('plan_committed'), line('write_attempted'), ended];
    expect(untoldWrites('acme', [intent()], whole)).toEqual([]);
    for (const at of whole.keys()) expect(untoldWrites('acme', [intent()], whole.toSpliced(at, 1))).toHaveLength(1);
    expect(untoldWrites('acme', [intent()], [...whole, ended])).toHaveLength(1);
    expect(untoldWrites('acme', [intent({ state: 'failed' })], whole)).toHaveLength(1);
  });

  it('I11: what was sent without a yes to exactly that, in time, by somebody who may', () => {
    const gated = intent({ object: 'Account', operation: 'update' });
    const yes: Approval = {
      plan: 'plan_1',
      payloadHash: 'h',
      state: 'approved',
      decider: 'ann',
      decidedAt: new Date(1),
      expiresAt: new Date(2),
      barred: ['torture'],
    };
    const judged = (approval: Partial<Approval>): number =>
      unapproved('acme', [gated], [{ ...yes, ...approval }]).length;
    expect(judged({})).toBe(0);
    const wrong: Partial<Approval>[] = [
      { plan: 'plan_2' },
      { payloadHash: 'other' },
      { state: 'denied' },
      { decider: null },
      { decidedAt: new Date(3) },
      { barred: ['ann'] },
    ];
    expect(wrong.map(judged)).toEqual(wrong.map(() => 1));
    expect(unapproved('acme', [{ ...gated, attempts: 0 }, intent()], [])).toEqual([]);
  });
});
