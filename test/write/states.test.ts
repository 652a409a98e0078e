import { describe, expect, it } from 'vitest';
import { nextOf, planTable, standingOf, writeTable, type PlannedWrite } from '../../src/write/index.ts';

const nothing = {
  released: null,
  recalled: null,
  taken: null,
  not_sent: null,
  applied: null,
  refused: null,
  conflicted: null,
  try_again: null,
  exhausted: null,
  lost: null,
  asked: null,
  found: null,
  absent: null,
  unclear: null,
  given_up: null,
  said_applied: null,
  said_failed: null,
  sent_again: null,
  cancelled: null,
  expired: null,
};

const idle = {
  allowed: null,
  gated: null,
  proposed: null,
  forbidden: null,
  approved: null,
  rejected: null,
  fell: null,
  begun: null,
  ended: null,
  turned_back: null,
  left: null,
  expired: null,
  withdrawn: null,
  reopened: null,
};

describe('the life of a write', () => {
  it('answers every event in every state', () => {
    expect(writeTable).toEqual({
      planned: { ...nothing, released: 'queued', cancelled: 'cancelled', expired: 'expired' },
      queued: {
        ...nothing,
        recalled: 'planned',
        taken: 'sending',
        conflicted: 'failed',
        cancelled: 'cancelled',
        expired: 'expired',
      },
      sending: {
        ...nothing,
        not_sent: 'queued',
        applied: 'succeeded',
        refused: 'failed',
        conflicted: 'failed',
        try_again: 'queued',
        exhausted: 'failed',
        lost: 'outcome_unknown',
      },
      outcome_unknown: { ...nothing, asked: 'reconciling', given_up: 'needs_human' },
      reconciling: {
        ...nothing,
        lost: 'outcome_unknown',
        found: 'succeeded',
        absent: 'queued',
        refused: 'failed',
        exhausted: 'failed',
        unclear: 'outcome_unknown',
        given_up: 'needs_human',
      },
      needs_human: { ...nothing, said_applied: 'succeeded', said_failed: 'failed', sent_again: 'queued' },
      succeeded: nothing,
      failed: { ...nothing, sent_again: 'queued' },
      cancelled: nothing,
      expired: nothing,
    });
  });

  it('is never sent again by itself where it may have taken effect', () => {
    const byItself = Object.entries(writeTable).flatMap(([state, row]) =>
      Object.entries(row).flatMap(([event, next]) =>
        (next === 'queued' || next === 'sending') && event !== 'sent_again' ? [`${state} ${event}`] : [],
      ),
    );
    // Nothing left, the provider took nothing, or it is proven that it does not stand there.
    expect(byItself.toSorted()).toEqual([
      'planned released',
      'queued taken',
      'reconciling absent',
      'sending not_sent',
      'sending try_again',
    ]);
  });
});

describe('the life of a plan', () => {
  it('answers every event in every state', () => {
    expect(planTable).toEqual({
      prepared: {
        ...idle,
        allowed: 'queued',
        gated: 'awaiting_approval',
        proposed: 'proposed',
        forbidden: 'refused',
        expired: 'expired',
        withdrawn: 'withdrawn',
      },
      proposed: { ...idle, expired: 'expired', withdrawn: 'withdrawn' },
      awaiting_approval: {
        ...idle,
        approved: 'queued',
        rejected: 'rejected',
        expired: 'expired',
        withdrawn: 'withdrawn',
      },
      queued: {
        ...idle,
        fell: 'awaiting_approval',
        forbidden: 'refused',
        begun: 'running',
        ended: 'done',
        withdrawn: 'stopping',
      },
      running: { ...idle, begun: 'running', ended: 'done', turned_back: 'taking_back', withdrawn: 'stopping' },
      stopping: { ...idle, begun: 'stopping', ended: 'stopped', withdrawn: 'stopping' },
      taking_back: { ...idle, ended: 'taken_back', left: 'partly_taken_back' },
      taken_back: idle,
      partly_taken_back: idle,
      done: { ...idle, reopened: 'running' },
      stopped: { ...idle, reopened: 'running' },
      refused: idle,
      rejected: idle,
      expired: idle,
      withdrawn: idle,
    });
  });

  it('goes from step to step, and no further than a step that did not wholly succeed', () => {
    const at = (step: number, state: string) => ({ step, state, count: 1 });
    expect(nextOf([at(0, 'succeeded'), at(0, 'sending'), at(1, 'planned')])).toEqual({ kind: 'wait' });
    expect(nextOf([at(0, 'needs_human'), at(1, 'planned')])).toEqual({ kind: 'wait' });
    expect(nextOf([at(1, 'planned'), at(0, 'succeeded'), at(2, 'planned')])).toEqual({ kind: 'release', step: 1 });
    expect(nextOf([at(0, 'succeeded'), at(0, 'failed'), at(1, 'planned')])).toEqual({ kind: 'give_up', step: 1 });
    expect(nextOf([at(0, 'succeeded'), at(1, 'expired')])).toEqual({ kind: 'end' });
    expect(nextOf([at(0, 'succeeded'), at(1, 'succeeded')])).toEqual({ kind: 'end' });
  });
});

describe('what stands there right before the send', () => {
  const write = (more: Partial<PlannedWrite>): PlannedWrite => ({
    item: 0,
    step: 0,
    key: 'k',
    connection: 1 as PlannedWrite['connection'],
    slug: 'crm',
    integration: 'crm',
    object: 'Deal',
    model: null,
    operation: 'update',
    recordId: 'r',
    match: null,
    values: { stage: 'won' },
    before: { stage: 'open' },
    changes: [],
    label: null,
    dedupe: 'none',
    reversibility: 'exact',
    ...more,
  });
  const image = (values: Record<string, string>, missing = false) => ({ id: 'r', missing, version: '1', values });

  it.each([
    ['as it was planned from', write({}), image({ stage: 'open' }), 'ready'],
    ['somebody has changed what we change', write({}), image({ stage: 'lost' }), 'record_changed'],
    ['it already is what we want', write({}), image({ stage: 'won' }), 'ready'],
    ['somebody has changed something else', write({}), image({ stage: 'open', name: 'X' }), 'ready'],
    ['it is gone', write({}), image({}, true), 'record_missing'],
    ['to be deleted, as it was', write({ operation: 'delete', values: {} }), image({ stage: 'open' }), 'ready'],
    ['to be deleted, changed', write({ operation: 'delete', values: {} }), image({ stage: 'won' }), 'record_changed'],
    ['an upsert that creates', write({ operation: 'upsert', recordId: null, before: null }), null, 'ready'],
    [
      'an upsert that was to create, and somebody has',
      write({ operation: 'upsert', recordId: null, before: null }),
      image({ stage: 'open' }),
      'record_changed',
    ],
    [
      'an upsert that was to change one that is gone',
      write({ operation: 'upsert', recordId: null }),
      null,
      'record_missing',
    ],
  ] as const)('%s', (_, planned, now, expected) => {
    const standing = standingOf(planned, now);
    expect(standing.kind === 'ready' ? 'ready' : standing.code).toBe(expected);
  });
});
