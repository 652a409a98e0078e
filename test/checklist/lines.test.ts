import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChecklistFacts } from '../../src/app/checklist/facts.ts';
import { rehearsalFact } from '../../src/app/checklist/gather.ts';
import { checklistLines } from '../../src/app/checklist/lines.ts';
import { rulesDigest } from '../../src/app/checklist/rules-digest.ts';
import type { ApprovalPilot } from '../../src/manifest/index.ts';
import { defaultRules } from '../../src/policy/index.ts';
import { firstWriteAt, listTenants, type Db } from '../../src/store/index.ts';
import type { WriteWorker } from '../../src/write/index.ts';
import { openerOf } from '../support/stores.ts';
import { openLedgerServer, type LedgerServer } from '../write/ledger-server.ts';
import { openWriteStage, type WriteStage } from '../write/stage.ts';

const day = (text: string): Date => new Date(`${text}T12:00:00Z`);
const pilot: ApprovalPilot = {
  name: 'desk',
  agent: 'clerk',
  integration: 'crm',
  intents: [],
  approver: 'lena',
  until: '2026-12-31',
  amountPerDay: 500,
  recordsPerDay: 10,
  at: { file: 'policies/p.yaml', line: 1, column: 1 },
};
const clerk = { name: 'clerk', owner: 'lena', suspended: false, reads: ['deal'], writes: ['deal'] };
const asked = {
  kind: 'asked',
  question: '“q”',
  answers: 2,
  found: true,
  tookMs: 12,
  verified: true,
  entries: 40,
} as const;
const rehearsal = {
  kind: 'done',
  sandbox: 'try',
  plan: 'plan_b',
  undoes: 'plan_a',
  at: day('2026-11-01'),
  counts: { succeeded: 3 },
} as const;

/** All of it holds. */
const ready: ChecklistFacts = {
  now: day('2026-11-21'),
  agents: [clerk, { name: 'reader', owner: 'lena', suspended: false, reads: ['deal'], writes: [] }],
  integrations: [
    { name: 'crm', onCall: 'jonas', mode: 'gated', read: ['Account'], write: ['Opportunity'], writeAs: 'checked' },
  ],
  connections: [{ slug: 'crm', user: 'integration@acme.example', admin: { kind: 'none' } }],
  rotateDays: 90,
  keys: [{ what: 'key desk of agent clerk', madeAt: day('2026-11-01'), endsAt: day('2027-01-30') }],
  credentials: [{ what: 'crm', renewable: true, endsAt: null }],
  audit: asked,
  rehearsal,
  rules: '0123456789ab',
  signed: { by: 'vera', on: '2026-11-20', rules: '0123456789ab' },
  pilots: [pilot],
  firstWriteAt: null,
};

const failing = (change: Partial<ChecklistFacts>): readonly (readonly [string, string])[] =>
  checklistLines({ ...ready, ...change })
    .filter(({ pass }) => !pass)
    .map(({ id, evidence }) => [id, evidence[0] ?? ''] as const);

describe('the list before a launch', () => {
  it('holds where everything is shown to hold, and says by what', () => {
    const lines = checklistLines(ready);
    expect(lines.map(({ id, pass, fix }) => [id, pass, fix])).toEqual(
      ['inventory', 'no_admin_credentials', 'rotation', 'audit', 'rollback', 'thresholds', 'one_workflow'].map((id) => [
        id,
        true,
        '',
      ]),
    );
    const text = lines.flatMap(({ evidence }) => evidence).join('\n');
    for (const shown of [
      'agent clerk: lena answers for it; reads deal; writes deal',
      'system crm: jonas is called; gated; reads Account; writes Opportunity',
      'crm: integration@acme.example has no administrator’s rights there',
      'key desk of agent clerk ends on 2027-01-30',
      'asked “q”: 2 answers in 12 ms',
      'plan_b undid plan_a in try on 2026-11-01: 3 succeeded',
      'vera signed 0123456789ab on 2026-11-20',
      'pilot desk: clerk in crm, lena approves, until 2026-12-31',
    ]) {
      expect(text).toContain(shown);
    }
  });

  const unsigned = { kind: 'no_sandbox' } as const;
  it.each<[id: string, says: string, change: Partial<ChecklistFacts>]>([
    ['inventory', 'Nobody answers for agent clerk.', { agents: [{ ...clerk, owner: null }] }],
    [
      'inventory',
      'Nobody is called',
      { integrations: [{ name: 'crm', onCall: null, mode: 'gated', read: [], write: [], writeAs: 'user' }] },
    ],
    [
      'inventory',
      'without asking whether they may',
      {
        integrations: [{ name: 'crm', onCall: 'jo', mode: 'gated', read: [], write: ['Case'], writeAs: 'connection' }],
      },
    ],
    ['no_admin_credentials', 'Nothing is connected.', { connections: [] }],
    [
      'no_admin_credentials',
      'root is an administrator there (role admin)',
      { connections: [{ slug: 'crm', user: 'root', admin: { kind: 'admin', right: 'role admin' } }] },
    ],
    ['no_admin_credentials', 'does not say', { connections: [{ slug: 'erp', user: null, admin: { kind: 'untold' } }] }],
    [
      'no_admin_credentials',
      'could not be asked',
      { connections: [{ slug: 'erp', user: null, admin: { kind: 'failed', code: 'upstream_unavailable' } }] },
    ],
    ['rotation', 'No agent has a key', { keys: [] }],
    ['rotation', 'never ends', { keys: [{ what: 'key a', madeAt: day('2026-11-01'), endsAt: null }] }],
    [
      'rotation',
      'good for 91 days',
      { keys: [{ what: 'key a', madeAt: day('2026-11-01'), endsAt: day('2027-01-31') }] },
    ],
    ['rotation', 'Nobody knows when', { credentials: [{ what: 'erp', renewable: false, endsAt: null }] }],
    [
      'rotation',
      'good until 2027-06-01',
      { credentials: [{ what: 'erp', renewable: false, endsAt: day('2027-06-01') }] },
    ],
    ['audit', 'Nothing has happened here', { audit: { kind: 'empty' } }],
    ['audit', 'was not among the answers', { audit: { ...asked, found: false } }],
    ['audit', 'took 1000 ms', { audit: { ...asked, tookMs: 1_000 } }],
    ['audit', 'was changed', { audit: { ...asked, verified: false } }],
    ['rollback', 'No tenant is named', { rehearsal: unsigned }],
    ['rollback', 'There is no tenant try.', { rehearsal: { kind: 'unknown_tenant', sandbox: 'try' } }],
    ['rollback', 'Nothing was undone in try.', { rehearsal: { kind: 'never', sandbox: 'try' } }],
    ['rollback', 'more than 90 days ago', { rehearsal: { ...rehearsal, at: day('2026-08-01') } }],
    ['rollback', 'Not all of it', { rehearsal: { ...rehearsal, counts: { succeeded: 2, failed: 1 } } }],
    ['thresholds', 'Nobody has signed', { signed: null }],
    ['thresholds', 'others were signed', { signed: { by: 'vera', on: '2026-11-20', rules: 'ffffffffffff' } }],
    ['one_workflow', 'clerk may write and is not on trial', { pilots: [] }],
    ['one_workflow', 'There are 2 pilots at once', { pilots: [pilot, { ...pilot, name: 'other' }] }],
    ['one_workflow', 'ends before 2026-12-21', { pilots: [{ ...pilot, until: '2026-12-20' }] }],
    ['one_workflow', 'clerk may write', { pilots: [{ ...pilot, until: '2026-11-20' }] }],
    ['one_workflow', 'No agent may write', { agents: [{ ...clerk, suspended: true }] }],
  ])('does not where %s: %s', (id, says, change) => {
    expect(failing(change)).toEqual([[id, expect.stringContaining(says)]]);
    expect(checklistLines({ ...ready, ...change }).find(({ pass }) => !pass)?.fix).not.toBe('');
  });

  it('lets go of the one workflow when its time is over, counted from the first write', () => {
    expect(failing({ pilots: [], firstWriteAt: day('2026-10-21') })).toEqual([]);
    expect(failing({ pilots: [], firstWriteAt: day('2026-10-22') })).toHaveLength(1);
  });

  it('knows the rules that were signed from others', () => {
    const digest = rulesDigest({});
    expect(digest).toMatch(/^[0-9a-f]{12}$/);
    expect(rulesDigest({ approvals: defaultRules })).toBe(digest);
    expect(rulesDigest({ approvals: { ...defaultRules, untrustedText: 'allow' } })).not.toBe(digest);
    const [rule] = defaultRules.rules;
    const moved = rule === undefined ? [] : [{ ...rule, at: { file: 'elsewhere.yaml', line: 7, column: 3 } }];
    const rules = [...moved, ...defaultRules.rules.slice(1)];
    expect(rulesDigest({ approvals: { ...defaultRules, rules } })).toBe(digest);
  });
});

describe('a rehearsal', () => {
  let db: Db;
  let server: LedgerServer;
  let stage: WriteStage;
  let worker: WriteWorker;
  const open = openerOf('pglite');
  beforeAll(async () => {
    [db, server] = await Promise.all([open(), openLedgerServer()]);
    stage = await openWriteStage(db, server);
    worker = stage.work();
  });
  afterAll(async () => {
    await worker.stop();
    await server.stop();
  });

  it('is an undo that really ended in the tenant that is named, with what became of each write', async () => {
    const slug = (await listTenants(db))[0]?.slug ?? '';
    expect(await rehearsalFact(db, null)).toEqual({ kind: 'no_sandbox' });
    expect(await rehearsalFact(db, 'nobody')).toEqual({ kind: 'unknown_tenant', sandbox: 'nobody' });
    const ended = (plan: string) =>
      expect.poll(() => stage.states(plan), { timeout: 120_000 }).toEqual({ plan: 'done', succeeded: 1 });
    server.put('Plain', 'r1', { name: 'one', phone: null, stage: 'open' });
    const { plan } = await stage.commit([
      { object: 'Plain', operation: 'update', recordId: 'r1', values: { name: 'ONE' }, before: { name: 'one' } },
    ]);
    await ended(plan);
    // What was written only, and what is only prepared, is no rehearsal.
    expect(await rehearsalFact(db, slug)).toEqual({ kind: 'never', sandbox: slug });
    expect(await db.tenantRead(stage.tenant, (tx) => firstWriteAt(tx, stage.tenant))).toBeInstanceOf(Date);
    const scope = { kind: 'plan', plan } as const;
    const hasAfter = async () => (await stage.writes.attempts(stage.tenant, { plan, item: 0 }))[0]?.after !== null;
    await expect.poll(hasAfter, { timeout: 120_000 }).toBe(true);
    const [prepared] = await stage.writes.prepareUndo(stage.tenant, {
      scope,
      who: stage.who,
      conflicts: 'refuse',
      dryRun: false,
    });
    expect(await rehearsalFact(db, slug)).toEqual({ kind: 'never', sandbox: slug });
    const undo = prepared?.plan?.id ?? '';
    await stage.writes.commit(stage.tenant, undo, stage.who);
    await ended(undo);
    expect(server.read('Plain', 'r1')).toMatchObject({ name: 'one' });
    expect(await rehearsalFact(db, slug)).toMatchObject({
      kind: 'done',
      sandbox: slug,
      plan: undo,
      undoes: plan,
      counts: { succeeded: 1 },
    });
  });
});
