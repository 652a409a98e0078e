import { beforeAll, describe, expect, it } from 'vitest';
import {
  problemsOf,
  topicNames,
  topics,
  type AlertFacts,
  type Problem,
  type Snapshot,
} from '../../src/alerts/index.ts';
import { readSnapshot } from '../../src/alerts/snapshot.ts';
import { commands } from '../../src/cli/all-commands.ts';
import {
  GantryError,
  type ConnectionId,
  type ErrorCode,
  type StreamId,
  type TenantId,
} from '../../src/kernel/index.ts';
import { addConnection, addTenant, ensureStream, type Db } from '../../src/store/index.ts';
import { openerOf } from '../support/stores.ts';
import { noFacts } from './fixture.ts';

const open = openerOf('pglite');
let db: Db;
let count = 0;
beforeAll(async () => {
  db = await open();
});

interface World {
  readonly tenant: TenantId;
  readonly connection: ConnectionId;
  readonly stream: StreamId;
  /** Whatever the test says of the tenant's rows. */
  sql(text: string): Promise<void>;
  problems(facts?: Partial<AlertFacts>, present?: readonly string[]): Promise<readonly Problem[]>;
  topics(facts?: Partial<AlertFacts>, present?: readonly string[]): Promise<readonly string[]>;
}

/** A tenant with one connection that works and one object that is up to date. */
async function openWorld(): Promise<World> {
  count += 1;
  const tenant = await addTenant(db, { slug: `t${String(count)}`, at: new Date('2026-01-01') });
  const { connection, stream } = await db.tenantTx(tenant, async (tx) => {
    const made = await addConnection(tx, { tenant, slug: 'crm', integration: 'crm', provider: 'p', state: 'working' });
    return {
      connection: made,
      stream: await ensureStream(tx, { tenant, connection: made, object: 'Account', everyS: 60 }),
    };
  });
  const problems: World['problems'] = (facts = {}, present = []) =>
    db.tenantRead(tenant, async (tx) => {
      const snapshot: Snapshot = await readSnapshot(tx, tenant, new Set(present));
      return problemsOf(snapshot, { ...noFacts, ...facts }, 'acme');
    });
  const world: World = {
    tenant,
    connection,
    stream,
    sql: async (text) => {
      await db.query(text.replaceAll('$tenant', String(tenant)).replaceAll('$conn', String(connection)));
    },
    problems,
    topics: async (facts, present) => (await problems(facts, present)).map(({ topic }) => topic),
  };
  await world.sql(
    `update stream set phase = 'current', as_of = now(), last_run_at = now(), due_at = now() + interval '1 hour' where tenant = $tenant`,
  );
  return world;
}

/** A command that is advised can be pasted as it stands: it is one, with its options, and says whose. */
function checkCommands(fix: string): void {
  for (const [, advice = ''] of fix.matchAll(/gantry ([a-z].*?)(?=[.;)] |[.;)]?$|\))/g)) {
    const named = commands.filter(({ name }) => `${advice} `.startsWith(`${name} `));
    const usage = named.toSorted((a, b) => b.name.length - a.name.length)[0]?.usage ?? '';
    expect(usage, advice).not.toBe('');
    for (const [option] of advice.matchAll(/--[a-z-]+/g)) expect(usage, advice).toContain(option);
    if (/(^|[^[])--tenant/.test(usage)) expect(advice).toMatch(/--tenant acme( |$)/);
    expect(advice).not.toMatch(/\b(SLUG|NAME|ID)\b/);
  }
}

const failing = (code: ErrorCode): string =>
  `update stream set last_error = '${JSON.stringify(new GantryError(code, { message: 'It says why.' }).toBody())}' where tenant = $tenant`;

describe('what is wrong with a tenant', () => {
  it('is nothing, as long as all is well', async () => {
    expect(await (await openWorld()).problems()).toEqual([]);
  });

  it.each([
    ['connection.sign_in', `update connection set state = 'reauth_required' where tenant = $tenant`],
    ['connection.degraded', `update connection set state = 'degraded' where tenant = $tenant`],
    [
      'connection.paused',
      `update connection set state = 'paused', act = '{"by": "lena", "at": "2026-01-01T00:00:00Z", "note": "closing"}' where tenant = $tenant`,
    ],
    [
      'connection.sign_in_ends',
      `insert into credential (tenant, connection, principal, generation, sealed, ends_at, renewable, updated_at)
       values ($tenant, $conn, '', 1, '', now() + interval '10 days', false, now())`,
    ],
    ['sync.failing', failing('upstream_forbidden')],
    ['sync.overdue', `update stream set due_at = now() - interval '1 second' where tenant = $tenant`],
    [
      'sync.paused',
      `update stream set paused = '{"by": "lena", "at": "2026-01-01T00:00:00Z", "note": null}' where tenant = $tenant`,
    ],
    ['sync.cursor_expired', failing('cursor_expired')],
    ['sync.deletions_held', failing('sync_deletions_held')],
    [
      'sync.dead_letters',
      `insert into dead_letter (tenant, id, stream, kind, name, state, code, tries, first_at, last_at)
       values ($tenant, 1, 1, 'record', 'x', 'dead', 'upstream_malformed', 3, now(), now())`,
    ],
    [
      'sync.quarantine',
      `insert into quarantine (tenant, stream, ext_id, field, reason, at) values ($tenant, 1, 'x', 'Phone', 'type', now())`,
    ],
    [
      'access.disagreement',
      `with l as (insert into principal_link (tenant, connection, principal, id, source_user, attributes, linked_by, linked_at)
         values ($tenant, $conn, 'p', 1, 'u', '{}', 'test', now())),
       s as (insert into standing (tenant, connection, principal, state, grantees) values ($tenant, $conn, 'p', 'fresh', '{}'))
       insert into object_standing (tenant, connection, principal, object, readable, sees_all, doubted_at)
       values ($tenant, $conn, 'p', 'Account', true, false, now())`,
    ],
    [
      'access.failing',
      `with l as (insert into principal_link (tenant, connection, principal, id, source_user, attributes, linked_by, linked_at)
         values ($tenant, $conn, 'p', 1, 'u', '{}', 'test', now()))
       insert into access_connection (tenant, connection, state, last_error) values ($tenant, $conn, 'refused', '${JSON.stringify(
         new GantryError('access_source_refused', { message: 'It says why.' }).toBody(),
       )}')`,
    ],
    [
      'switch.thrown',
      `insert into switch (tenant, id, mode, scope, subject, reason, thrown_by, thrown_at)
       values ($tenant, 7, 'stop_writes', 'connection', '{"connection": "crm"}', 'wrong amounts', 'olga', now())`,
    ],
    [
      'write.not_taken_back',
      `with p as (insert into write_plan (tenant, id, agent, state, content, payload_hash, policy_version, records, created_at, expires_at)
         values ($tenant, 'plan_1', 'a', 'taking_back', '{"title": "In 2 steps"}', '', '', 2, now(), now()))
       insert into write_take_back (tenant, plan, step, connection, state, changed_at)
       values ($tenant, 'plan_1', 0, $conn, 'needs_human', now()), ($tenant, 'plan_1', 1, $conn, 'done', now())`,
    ],
    [
      'inbox.dead',
      `insert into inbox_event (tenant, connection, event, object, what, received_at, state, due_at)
       values ($tenant, $conn, 'e1', 'Account', 'changed', now(), 'dead', now())`,
    ],
    [
      'line.broken',
      `insert into event_line (tenant, connection, state, due_at, failures) values ($tenant, $conn, 'waiting', now(), 3)`,
    ],
    [
      'subscription.stopped',
      `insert into subscription (tenant, id, agent, object, filter, events, url, secret, state, reason, cursor, created_at, updated_at)
       values ($tenant, 1, 'a', 'deal', '{}', '{}', 'https://x.example', '', 'disabled', 'receiver_gone', 0, now(), now())`,
    ],
  ] as const)('%s', async (topic, sql) => {
    const world = await openWorld();
    await world.sql(sql);
    expect(await world.topics()).toEqual([topic]);
    for (const { fix } of await world.problems()) checkCommands(fix);
    // The same state is the same problem, whoever looks and whenever.
    expect((await world.problems()).map(({ key }) => key)).toEqual((await world.problems()).map(({ key }) => key));
  });

  it('subscription.dead, of one that is not switched off', async () => {
    const world = await openWorld();
    await world.sql(
      `insert into subscription (tenant, id, agent, object, filter, events, url, secret, state, cursor, created_at, updated_at)
       values ($tenant, 1, 'a', 'deal', '{}', '{}', 'https://x.example', '', 'active', 0, now(), now())`,
    );
    await world.sql(
      `insert into delivery (tenant, subscription, seq, stream, ext_id, type, state, due_at, created_at, ended_at)
       values ($tenant, 1, 1, 1, 'x', 'created', 'dead', now(), now(), now())`,
    );
    expect(await world.topics()).toEqual(['subscription.dead']);
    for (const { fix } of await world.problems()) checkCommands(fix);
    await world.sql(`update subscription set state = 'disabled' where tenant = $tenant`);
    expect(await world.topics()).toEqual(['subscription.stopped']);
  });

  it.each([
    [
      'budget.running_out',
      { budgets: [{ connection: 'crm', limit: 'day', used: 9, calls: 10, exhaustedAt: new Date(0), resetsAt: null }] },
    ],
    ['mapping.broken', { mappings: [{ object: 'deal', reasons: ['There is no field Amount__c.'] }] }],
    ['overlay.stale', { overlay: { why: 'It names a model that is gone.' } }],
    [
      'webhook.registration',
      { webhooks: [{ connection: 1 as ConnectionId, slug: 'crm', what: 'Refused.', who: null, fix: null }] },
    ],
    ['vault.unreadable', { vault: { unreadable: 1, underOtherMaster: 0 } }],
    ['vault.other_key', { vault: { unreadable: 0, underOtherMaster: 2 } }],
  ] as const)('%s, from what the rest of the program knows', async (topic, facts) => {
    const found = await (await openWorld()).problems(facts);
    expect(found.map((each) => each.topic)).toEqual([topic]);
    for (const { fix } of found) checkCommands(fix);
  });

  it('A4: a connection that stands is told once, not once per object, line and event', async () => {
    const world = await openWorld();
    await world.sql(`update connection set state = 'reauth_required' where tenant = $tenant`);
    await world.sql(failing('connection_reauth_required'));
    await world.sql(`update stream set due_at = now() - interval '1 day' where tenant = $tenant`);
    await world.sql(
      `insert into event_line (tenant, connection, state, due_at, failures) values ($tenant, $conn, 'waiting', now(), 9)`,
    );
    expect(await world.topics()).toEqual(['connection.sign_in']);
  });

  it('tells nothing of rights that nobody needs any more, nor twice what the connection says', async () => {
    const world = await openWorld();
    const failed = (code: ErrorCode): string =>
      `insert into access_connection (tenant, connection, state, last_error) values ($tenant, $conn, 'stale', '${JSON.stringify(
        new GantryError(code, { message: 'No.' }).toBody(),
      )}') on conflict (tenant, connection) do update set last_error = excluded.last_error`;
    await world.sql(failed('upstream_forbidden'));
    expect(await world.topics()).toEqual([]);
    await world.sql(
      `insert into principal_link (tenant, connection, principal, id, source_user, attributes, linked_by, linked_at)
       values ($tenant, $conn, 'p', 1, 'u', '{}', 'test', now())`,
    );
    expect(await world.topics()).toEqual(['access.failing']);
    await world.sql(failed('upstream_unavailable'));
    expect(await world.topics()).toEqual([]);
    await world.sql(failed('upstream_forbidden'));
    await world.sql(`update connection set state = 'reauth_required' where tenant = $tenant`);
    expect(await world.topics()).toEqual(['connection.sign_in']);
  });

  it('S6: an expired place is told until everything is read again', async () => {
    const world = await openWorld();
    await world.sql(failing('cursor_expired'));
    const [found] = await world.problems();
    await world.sql(`update stream set last_error = null, phase = 'backfill' where tenant = $tenant`);
    expect(await world.topics({}, [found?.key ?? ''])).toEqual(['sync.cursor_expired']);
    // Without it, a first load is no problem.
    expect(await world.topics()).toEqual([]);
    await world.sql(`update stream set phase = 'current' where tenant = $tenant`);
    expect(await world.topics({}, [found?.key ?? ''])).toEqual([]);
  });

  it('a sign-in that ends within days is critical, and users are counted, not named', async () => {
    const world = await openWorld();
    for (const [principal, days] of [
      ['', 2],
      ['lena@acme.example', 10],
      ['jonas@acme.example', 12],
      ['far@acme.example', 40],
    ] as const) {
      await world.sql(
        `insert into credential (tenant, connection, principal, generation, sealed, ends_at, renewable, updated_at)
         values ($tenant, $conn, '${principal}', 1, '', now() + interval '${String(days)} days', false, now())`,
      );
    }
    const found = await world.problems();
    expect(found.map(({ severity }) => severity)).toEqual(['critical', 'warning']);
    expect(found[1]?.title).toContain("2 users' own sign-ins");
    expect(JSON.stringify(found)).not.toContain('@acme.example');
  });

  it('reads as a sentence where the account has no name', async () => {
    const world = await openWorld();
    await world.sql(`update connection set state = 'reauth_required' where tenant = $tenant`);
    const [found] = await world.problems({ titleOf: () => 'Salesforce' });
    expect(found?.detail).toContain('no longer accepts the sign-in to Salesforce.');
  });

  it('never says whose account it is: alerts outlive connections', async () => {
    const world = await openWorld();
    await world.sql(
      `update connection set state = 'reauth_required', account_name = 'Nordwind GmbH' where tenant = $tenant`,
    );
    expect(JSON.stringify(await world.problems())).not.toContain('Nordwind');
  });
});

it('every topic has its words and its time', () => {
  for (const name of topicNames) {
    expect(name).toMatch(/^[a-z]+\.[a-z_]+$/);
    expect(topics[name].meaning.length).toBeGreaterThan(10);
    expect(topics[name].afterMs).toBeGreaterThanOrEqual(0);
  }
});
