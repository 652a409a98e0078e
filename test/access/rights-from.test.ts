import { describe, expect, it } from 'vitest';
import { rightsFrom, type ConnectionFacts, type ObjectFacts, type StreamFacts } from '../../src/access/index.ts';
import { connectionId, streamId } from '../../src/kernel/index.ts';

const now = new Date('2026-11-21T12:00:00Z');
const ago = (minutes: number): Date => new Date(now.getTime() - minutes * 60_000);
const crm = connectionId(1);
const stream = streamId(7);

const plan: NonNullable<StreamFacts['plan']> = {
  strategy: 'shares',
  rule: null,
  why: null,
  isPassing: false,
  settledAt: ago(4),
  sharesAt: ago(3),
  listedAt: ago(3),
};
const account: ObjectFacts = {
  readable: true,
  seesAll: false,
  fields: new Set(['Name']),
  listedAt: null,
  isDoubted: false,
};
const connection: ConnectionFacts = {
  slug: 'crm',
  isRefused: false,
  isLinked: true,
  standing: { state: 'fresh', readAt: ago(2) },
  classes: [3, 5],
  ruleClasses: [9],
  objects: new Map([['Account', account]]),
};

interface Case {
  readonly said?: StreamFacts['said'];
  readonly plan?: Partial<NonNullable<StreamFacts['plan']>> | null;
  readonly connection?: Partial<ConnectionFacts>;
  readonly object?: Partial<ObjectFacts> | null;
}

function rightsOf({ said = null, plan: own = {}, connection: changes = {}, object = {} }: Case) {
  const objects = new Map(object === null ? [] : [['Account', { ...account, ...object }]]);
  return rightsFrom({
    principal: 'ada',
    now,
    maxAgeMs: 15 * 60_000,
    streams: [{ stream, connection: crm, object: 'Account', said, plan: own === null ? null : { ...plan, ...own } }],
    connections: new Map([[crm, { ...connection, objects, ...changes }]]),
  });
}

const rule = { kind: 'rule', owner: 'OwnerId', team: null, territory: null } as const;
const ruled = { strategy: 'rule', rule: { owner: 'OwnerId', team: null, territory: null } };
const fresh = (state: string): Case => ({ connection: { standing: { state, readAt: ago(1) } } });

describe('rights from what is known', () => {
  it.each<[string, Case, object]>([
    ['shares, as old as the oldest part', {}, { by: 'shares', classes: [3, 5], fields: account.fields, asOf: ago(4) }],
    [
      'the record alone',
      { plan: { strategy: 'record', sharesAt: null, listedAt: null } },
      { by: 'record', asOf: ago(4) },
    ],
    ['a user who sees all', { object: { seesAll: true } }, { classes: 'all' }],
    ['a failed last try, while it is new enough', fresh('stale'), { kind: 'known' }],
    ['an object that is not readable', { object: { readable: false } }, { classes: [], fields: new Set() }],
    ['an object that the provider does not name', { object: null }, { classes: [], fields: new Set() }],
    ['own lists', { plan: { strategy: 'as_user' }, object: { listedAt: ago(9) } }, { by: 'as_user', asOf: ago(9) }],
    ['own lists that never ended', { plan: { strategy: 'as_user' } }, { reason: 'not_read_yet' }],
    [
      'everyone, linked or not',
      { said: { kind: 'everyone' }, connection: { isLinked: false } },
      { classes: 'all', asOf: now },
    ],
    ['a rule', { said: rule, plan: ruled }, { by: 'rule', classes: [9], fields: 'all', asOf: now }],
    [
      'a rule that became another one',
      { said: rule, plan: { ...ruled, rule: { ...ruled.rule, team: 'Team__c' } } },
      { reason: 'not_read_yet' },
    ],
    ['a rule in place of everyone', { said: rule, plan: { strategy: 'everyone' } }, { reason: 'not_read_yet' }],
    ['a rule that is not in force yet', { said: rule }, { reason: 'not_read_yet' }],
    [
      'a rule while records are worked out anew',
      { said: rule, plan: { ...ruled, isPassing: true } },
      { reason: 'not_read_yet' },
    ],
    [
      'a rule of a user who is not linked',
      { said: rule, plan: ruled, connection: { isLinked: false } },
      { reason: 'not_linked' },
    ],
    ['a rule that was there before', { plan: { strategy: 'rule' } }, { reason: 'not_read_yet' }],
    ['nobody linked', { connection: { isLinked: false } }, { reason: 'not_linked' }],
    ['no standing', { connection: { standing: null } }, { reason: 'not_read_yet' }],
    ['not begun', { plan: null }, { reason: 'not_read_yet' }],
    ['not begun, since it was refused', { plan: null, connection: { isRefused: true } }, { reason: 'refused' }],
    ['a provider that does not tell', { plan: { strategy: 'none', why: 'It says nothing.' } }, { reason: 'not_told' }],
    ['an inactive user', fresh('inactive'), { reason: 'inactive' }],
    ['a user without a sign-in', fresh('sign_in_needed'), { reason: 'sign_in_needed' }],
    ['a refused standing', fresh('refused'), { reason: 'refused' }],
    ['shares that were never read', { plan: { sharesAt: null } }, { reason: 'not_read_yet' }],
    ['shares of which no list was ever whole', { plan: { listedAt: null } }, { reason: 'not_read_yet' }],
    ['shares, as old as the last whole list', { plan: { listedAt: ago(12) } }, { asOf: ago(12) }],
    ['too old a list of shares', { plan: { listedAt: ago(16) } }, { reason: 'too_old' }],
    ['audiences that were never worked out', { plan: { settledAt: null } }, { reason: 'not_read_yet' }],
    ['an object in doubt', { object: { isDoubted: true } }, { reason: 'not_read_yet' }],
    ['too old in one part', { plan: { sharesAt: ago(16) } }, { reason: 'too_old' }],
    [
      'too old to know that nothing is readable',
      { object: null, connection: { standing: { state: 'stale', readAt: ago(16) } } },
      { reason: 'too_old' },
    ],
  ])('%s', (_name, given, expected) => {
    expect(rightsOf(given).streams.get(stream)).toMatchObject(expected);
  });

  it('are the same version for the same content, however new it is, and another one for any other', () => {
    const version = (given: Case): string => rightsOf(given).version;
    expect(version({ plan: { sharesAt: ago(1), settledAt: ago(1) } })).toBe(version({}));
    const others: Case[] = [
      {},
      { object: { fields: new Set(['Name', 'Phone']) } },
      { object: { fields: new Set() } },
      { connection: { classes: [3] } },
      { connection: { classes: [35] } },
      { object: { seesAll: true } },
      { plan: { strategy: 'record' } },
      { connection: { isLinked: false } },
      { plan: { sharesAt: ago(16) } },
    ];
    expect(new Set(others.map(version)).size).toBe(others.length);
  });
});
