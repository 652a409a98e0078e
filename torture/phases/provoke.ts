import { setTimeout as sleep } from 'node:timers/promises';
import { passTime } from '../load.ts';
import type { Scene } from '../scene.ts';
import type { Role } from '../stage/gantry-process.ts';
import { connectSystem } from '../stage/open-stage.ts';
import { odooValues } from '../stage/systems.ts';

/** Who passes a crash point, and what makes them pass it. */
export type Provocation =
  | {
      readonly host: Role;
      readonly act: (scene: Scene) => Promise<void>;
      readonly calm?: (scene: Scene) => Promise<void>;
    }
  /** A command line of its own, with a word that differs each time. */
  | { readonly host: 'command'; readonly words: (scene: Scene, word: string) => Promise<readonly string[]> }
  /** Why it is not provoked here. */
  | { readonly host: 'none'; readonly why: string };

const due = async (scene: Scene): Promise<void> => {
  await scene.load.change();
  await passTime(scene.stage);
};

const work = (act: (scene: Scene) => Promise<void>): Provocation => ({
  host: 'worker',
  act: async (scene) => {
    await act(scene);
    await due(scene);
  },
});

const systemOf = ({ stage }: Scene, integration: string) =>
  stage.systems.find((each) => each.integration === integration);

/** A connection signs in anew. What the answer is does not matter: the process may have ended over it. */
const signIn = (integration: string): Provocation => ({
  host: 'api',
  act: async (scene) => {
    const system = systemOf(scene, integration);
    if (system !== undefined) await connectSystem(scene.stage, system).catch(() => undefined);
  },
});

const request = (ask: (scene: Scene) => Promise<unknown>): Provocation => ({
  host: 'api',
  act: async (scene) => void (await ask(scene).catch(() => undefined)),
});

const revokeAccess = work(async (scene) => {
  // Salesforce keeps its refresh token: an answer that is lost here is no lost sign-in (A2 has a case of its own).
  await systemOf(scene, 'crm')?.sandbox.control('POST', 'revoke', { accessOnly: true });
});

let fields = 0;
const newField = work(async (scene) => {
  const name = `Torture${String((fields += 1))}__c`;
  await systemOf(scene, 'crm')?.sandbox.control('POST', 'schema', {
    object: 'Account',
    add: { name, label: name, type: 'string', length: 40 },
  });
});

const slowProvider: Provocation = {
  host: 'worker',
  act: async (scene) => {
    await systemOf(scene, 'erp')?.sandbox.control('POST', 'latency', { ms: 4_000 });
    await due(scene);
  },
  calm: async (scene) => void (await systemOf(scene, 'erp')?.sandbox.control('POST', 'latency', { ms: 0 })),
};

const limited: Provocation = {
  host: 'worker',
  act: async (scene) => {
    await systemOf(scene, 'crm')?.proxy.plan({ share: 1, kinds: ['limited'], times: 8 });
    await due(scene);
  },
  calm: async (scene) => {
    await systemOf(scene, 'crm')?.proxy.calm();
  },
};

const question = async ({ stage }: Scene, more: object = {}): Promise<unknown> => {
  const key = stage.keys['acme'];
  return fetch(`${stage.url}/v1/tools/query_records`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key ?? ''}`, 'content-type': 'application/json' },
    body: JSON.stringify({ object: 'crm.Account', fields: ['Id'], limit: 1, ...more }),
  });
};

const command = (...words: string[]): Provocation => ({
  host: 'command',
  words: async (_scene, word) => words.map((each) => each.replace('%', word)),
});

const asOperator = ({ stage }: Scene, path: string, body: object): Promise<Response> =>
  fetch(`${stage.url}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${stage.env['GANTRY_OPERATOR_KEY'] ?? ''}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
  });

/** A person declines on the provider's page. */
const declined = request(async (scene) => {
  const answer = await asOperator(scene, '/v1/connections', { tenant: 'acme', integration: 'crm' });
  const { authorize_url } = (await answer.json()) as { authorize_url: string };
  const state = new URL(authorize_url).searchParams.get('state') ?? '';
  await fetch(`${scene.stage.url}/oauth/callback?${new URLSearchParams({ state, error: 'access_denied' }).toString()}`);
});

let customers = 0;
/** A customer of its own connects a system: streams are made, and loaded for the first time. */
const newCustomer: Provocation = {
  host: 'worker',
  act: async (scene) => {
    const { stage } = scene;
    const system = systemOf(scene, 'erp');
    const tenant = `customer-${String((customers += 1))}`;
    await stage.command(['tenant', 'create', tenant]);
    // The API may be down at this moment: it dies as the others do.
    for (let attempt = 0; attempt < 8 && system !== undefined; attempt += 1) {
      const connected = await stage
        .operator(tenant)
        .connectByKey('erp', odooValues(system))
        .then(
          () => true,
          () => false,
        );
      if (connected) return;
      await sleep(1_000);
    }
  },
};

const keyToRevoke: Provocation = {
  host: 'command',
  words: async ({ stage }, word) => {
    await stage.command(['key', 'create', '--tenant', 'acme', '--agent', 'checker', '--label', `revoke-${word}`]);
    const { out } = await stage.command(['key', 'list', '--tenant', 'acme']);
    const id =
      out
        .split('\n')
        .find((line) => line.includes(`revoke-${word}`))
        ?.trim()
        .split(/\s+/)[0] ?? 'none';
    return ['key', 'revoke', id, '--tenant', 'acme'];
  },
};

/** Until somebody else's claim is over, and the question comes to this process. */
const questions: Provocation = {
  host: 'lens',
  act: async (scene) => {
    for (let attempt = 0; attempt < 10; attempt += 1) {
      await question(scene).catch(() => undefined);
      await sleep(1_000);
    }
  },
};

const NONE_YET = 'nothing here provokes it';

/** By the name of the place. What is not named is tried with ordinary work. */
const provocations: Readonly<Record<string, Provocation>> = {
  'sync.heartbeat': slowProvider,
  'sync.keep_schema': newField,
  'sync.keep_ids': work(
    async ({ stage }) =>
      void (await stage.sql("update sweep set ended_at = ended_at - interval '3 days' where kind is null")),
  ),
  'sync.request': request(({ stage }) => stage.operator('acme').sync('crm', ['Account'])),
  'sync.request_all': request(({ stage }) => stage.operator('acme').sync('crm')),
  'sync.request_fresh': request((scene) => question(scene, { min_as_of: new Date().toISOString() })),
  'connection.begin_renewal': revokeAccess,
  'connection.keep_tokens': revokeAccess,
  'connection.renewal_turn': revokeAccess,
  'connector.token': revokeAccess,
  'connection.record_limited': limited,
  'connection.start_connect': signIn('crm'),
  'connection.keep_state': signIn('crm'),
  'connection.take_state': signIn('crm'),
  'connection.keep_grant': signIn('crm'),
  'connection.keep_credentials': signIn('erp'),
  'cli.operator': command('status', '--tenant', 'acme'),
  'app.add_tenant': command('tenant', 'create', 't%'),
  'app.add_key': command('key', 'create', '--tenant', 'acme', '--agent', 'checker', '--label', '%'),
  'app.apply_revision': { host: 'command', words: async ({ root }) => ['apply', `${root}/torture/project`] },
  'lens.peer': request((scene) => question(scene)),
  'lens.node_alive': { host: 'lens', act: async () => undefined },
  'lens.claim': questions,
  'lens.node_leave': {
    host: 'lens',
    act: async ({ stage }) => {
      stage.lens.signal('SIGTERM');
    },
  },
  'sync.accept_deletions': request((scene) =>
    asOperator(scene, '/v1/connections/crm/sync', { tenant: 'acme', objects: ['Account'], accept_deletions: true }),
  ),
  'sync.ensure_stream': newCustomer,
  'sync.expect_records': newCustomer,
  'connection.record_discovery': newCustomer,
  'connection.abandon_state': declined,
  'app.revoke_key': keyToRevoke,
  'connection.add_connect_token': request((scene) =>
    asOperator(scene, '/v1/connect-tokens', { tenant: 'acme', integration: 'crm' }),
  ),
  'vault.rotate': command('vault', 'rotate', '--data-keys'),
  'connector.assertion': { host: 'none', why: 'no system of the stage signs in by JWT' },
  'app.store_overlay': { host: 'none', why: NONE_YET },
  'sync.disable_streams': { host: 'none', why: NONE_YET },
  'store.migrate': { host: 'none', why: 'the schema is there before the run; test/rehearsal covers upgrades' },
};

export function provocationOf(point: string): Provocation {
  const place = point.split('.').slice(0, 2).join('.');
  return provocations[place] ?? work(async () => undefined);
}
