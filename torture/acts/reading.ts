import { asked, command, question, request, systemOf, untilDone, work, type Act, type CommandAct } from './act.ts';
import { odooValues } from '../stage/systems.ts';
import type { Scene } from '../scene.ts';

const nothing = async (): Promise<void> => undefined;

let fields = 0;
async function newField(scene: Scene): Promise<void> {
  const name = `Torture${String((fields += 1))}__c`;
  await systemOf(scene, 'crm').sandbox.control('POST', 'schema', {
    object: 'Account',
    add: { name, label: name, type: 'string', length: 40 },
  });
}

let customers = 0;
/** A customer of its own connects a system: streams are made, and loaded for the first time. */
async function newCustomer(scene: Scene): Promise<void> {
  const tenant = `customer-${String((customers += 1))}`;
  await untilDone(async () => {
    const { code, err } = await scene.stage.command(['tenant', 'create', tenant]);
    if (code !== 0 && !err.includes('store_name_taken')) throw new Error(err);
    await scene.stage.operator(tenant).connectByKey('erp', odooValues(systemOf(scene, 'erp')));
  }, 6);
}

const poisoned = async (scene: Scene, times: number): Promise<void> => {
  await systemOf(scene, 'erp').sandbox.control('POST', 'faults', {
    match: { path: '/search_read/' },
    times,
    action: { status: 200, html: true },
  });
};
const unpoisoned = async (scene: Scene): Promise<void> => {
  await systemOf(scene, 'erp').sandbox.control('DELETE', 'faults');
};

/** What of Odoo's partners was set aside, tried again by hand. */
const replay = async (scene: Scene): Promise<void> => {
  await asked(scene, 'POST', '/v1/dead-letters/replay', { tenant: 'globex', connection: 'erp' });
};

const object =
  (act: string, body: object = {}) =>
  (scene: Scene) =>
    asked(scene, 'POST', `/v1/connections/erp/objects/crm.lead/${act}`, { tenant: 'globex', ...body });

/** What reads, keeps and shows: sync, connectors and lens. */
export const readingActs: readonly (Act | CommandAct)[] = [
  work(
    'ordinary work',
    ['sync.claim', 'sync.give_back', 'sync.keep_page', 'sync.enrol_tenants', 'connector.call', 'sync.expect_records'],
    nothing,
  ),
  work(
    'a line of events',
    ['connector.pubsub_ask', 'connector.pubsub_subscribe'],
    async (scene) =>
      void (await systemOf(scene, 'crm').sandbox.control('POST', 'pubsub', { cut: 'service.unavailable' })),
    { patienceMs: 6_000 },
  ),
  work('a new field', ['sync.keep_schema'], newField, { patienceMs: 8_000 }),
  work('a new customer', ['sync.ensure_stream', 'sync.expect_records', 'sync.disable_streams'], newCustomer, {
    makes: true,
  }),
  work(
    'a provider that takes seconds',
    ['sync.heartbeat'],
    async (scene) => void (await systemOf(scene, 'erp').sandbox.control('POST', 'latency', { ms: 6_000 })),
    {
      calm: async (scene) => void (await systemOf(scene, 'erp').sandbox.control('POST', 'latency', { ms: 0 })),
      patienceMs: 10_000,
    },
  ),
  work('a list of all ids', ['sync.begin_listing', 'sync.keep_ids', 'sync.try_records'], async ({ stage }) => {
    await stage.sql("update sweep set ended_at = ended_at - interval '3 days' where kind is null");
    await stage.sql("update sweep set ended_at = ended_at - interval '3 days' where ended_at is not null");
  }),
  work('answers that make no sense', ['sync.note_page_failure'], (scene) => poisoned(scene, 6), { calm: unpoisoned }),
  work(
    'tokens that end',
    ['connector.token'],
    async (scene) => void (await systemOf(scene, 'crm').sandbox.control('POST', 'revoke', { accessOnly: true })),
  ),
  request('a sync asked for', ['sync.request'], ({ stage }) => stage.operator('acme').sync('crm', ['Account'])),
  request('a sync of all', ['sync.request_all'], ({ stage }) => stage.operator('acme').sync('crm')),
  request('a question for fresh data', ['sync.request_fresh'], (scene) =>
    question(scene, { min_as_of: new Date().toISOString() }),
  ),
  request('a question', ['lens.peer'], (scene) => question(scene)),
  request('deletions that are right', ['sync.accept_deletions', 'sync.accept_held'], (scene) =>
    asked(scene, 'POST', '/v1/connections/crm/sync', { tenant: 'acme', objects: ['Account'], accept_deletions: true }),
  ),
  request('deletions that are wrong', ['sync.dismiss_held'], (scene) =>
    asked(scene, 'POST', '/v1/held-deletions/dismiss', { tenant: 'acme', connection: 'crm', object: 'Account' }),
  ),
  request('an object paused', ['sync.pause_object'], object('pause', { note: 'rehearsal' }), {
    calm: async (scene) => void (await untilDone(() => object('resume')(scene))),
  }),
  request('an object resumed', ['sync.resume_object'], object('resume')),
  request('a backfill', ['sync.ask_backfill'], object('backfill', { days: 3 })),
  request('an object read anew', ['sync.ask_backfill'], object('backfill', { days: 'all' })),
  request('dead letters again', ['sync.replay_letters', 'sync.keep_replayed', 'sync.note_replay'], replay),
  request('quarantine again', ['sync.replay_kept', 'sync.note_quarantine_replay'], (scene) =>
    asked(scene, 'POST', '/v1/quarantine/replay', { tenant: 'globex', connection: 'erp' }),
  ),
  { name: 'a lens that runs', host: 'lens', places: ['lens.node_alive'], run: nothing },
  {
    name: 'questions',
    host: 'lens',
    places: ['lens.claim'],
    run: async (scene) => {
      await question(scene).catch(() => undefined);
      await question(scene, { object: 'crm.Contact' }).catch(() => undefined);
    },
    patienceMs: 8_000,
  },
  {
    name: 'a lens that is asked to end',
    host: 'lens',
    places: ['lens.node_leave'],
    run: async ({ stage }) => stage.lens.signal('SIGTERM'),
    apart: true,
  },
  request('a letter dropped', ['sync.drop_letter'], async (scene) => {
    const { letters } = await asked(scene, 'GET', '/v1/dead-letters?tenant=globex');
    const [first] = letters as { id: number }[];
    await asked(scene, 'DELETE', `/v1/dead-letters/${String(first?.id)}?tenant=globex&note=rehearsal`);
  }),
  command('status', ['cli.operator'], 'status', '--tenant', 'acme'),
];
