import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../examples/renewals/stage/free-port.ts';
import type { JsonObject, TenantId } from '../../src/kernel/index.ts';
import { addConnection, findTenant, openPostgres, type Db } from '../../src/store/index.ts';
import { gantry, serve, type Env, type ServerProcess } from '../e2e/server-process.ts';
import { openReceiver, until, type Receiver } from '../support/receiver.ts';
import { freshDatabase } from '../support/stores.ts';
import { newSecret } from './fixture.ts';

const bin = fileURLToPath(new URL('../../bin/gantry.js', import.meta.url));

const project = `gantry: 1
project: alerting
alerts:
  remind: never
  routes:
    ops: { topics: [connection.*], to: webhook }
    unset: { tenants: [nobody], to: slack }
`;

interface WorkerProcess {
  /** With the signal that ended it. */
  readonly ended: Promise<NodeJS.Signals | null>;
  stop(): Promise<void>;
}

function startWorker(env: Env): WorkerProcess {
  const child = spawn(process.execPath, [bin, 'serve', '--role', 'worker'], {
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<NodeJS.Signals | null>((resolve) => {
    child.once('exit', (_code, signal) => resolve(signal));
  });
  return {
    ended,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

describe('alerts of real processes on PostgreSQL', { timeout: 180_000 }, () => {
  let env: Env;
  let db: Db;
  let tenant: TenantId;
  let hook: Receiver;
  let server: ServerProcess | null = null;
  const secret = newSecret();
  const folders: string[] = [];
  const workers: WorkerProcess[] = [];
  const cleanUp: (() => Promise<unknown>)[] = [];

  const folder = async (): Promise<string> => {
    const made = await mkdtemp(join(tmpdir(), 'gantry-alerts-'));
    folders.push(made);
    return made;
  };
  const work = async (more: Env = {}): Promise<WorkerProcess> => {
    const worker = startWorker({ ...env, GANTRY_DATA_DIR: await folder(), ...more });
    workers.push(worker);
    return worker;
  };
  /** As if the lease of a process that died had ended. */
  const leaseEnds = async (): Promise<void> => {
    await db.query('update alert_turn set lease_until = now(), due_at = now()');
    await db.query('update alert_notice set due_at = now()');
  };
  const notices = () => db.query<{ state: string; attempts: number }>('select state, attempts from alert_notice');

  beforeAll(async () => {
    const database = await freshDatabase();
    cleanUp.push(database.drop);
    hook = await openReceiver();
    cleanUp.push(hook.stop);
    env = {
      DATABASE_URL: database.url,
      GANTRY_DATA_DIR: await folder(),
      GANTRY_MASTER_KEY: randomBytes(32).toString('base64'),
      GANTRY_OPERATOR_KEY: randomBytes(24).toString('base64url'),
      GANTRY_PORT: String(await freePort()),
      GANTRY_LOG_LEVEL: 'silent',
      GANTRY_EVENTS_TO_LOOPBACK: '1',
      GANTRY_ALERT_OPS_URL: hook.url,
      GANTRY_ALERT_OPS_SECRET: secret,
    };
    const files = await folder();
    await writeFile(join(files, 'gantry.yaml'), project);
    expect(await gantry(env, 'apply', files, '--message', 'alerts')).toMatchObject({ code: 0 });
    expect(await gantry(env, 'tenant', 'create', 'acme')).toMatchObject({ code: 0 });
    db = await openPostgres({ connectionString: database.url });
    cleanUp.push(() => db.close());
    tenant = (await findTenant(db, 'acme'))?.id ?? tenant;
    await db.tenantTx(tenant, (tx) =>
      addConnection(tx, {
        tenant,
        slug: 'crm',
        integration: 'crm',
        provider: 'salesforce',
        state: 'reauth_required',
      }),
    );
  });
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
    await server?.stop();
    for (const clean of cleanUp.toReversed()) await clean();
    for (const each of folders) await rm(each, { recursive: true, force: true });
  });

  it('A2, A4: SIGKILL between opening and sending, and after sending: one alert, one message, never lost', async () => {
    const before = await work({ GANTRY_REHEARSAL: '1', GANTRY_CRASH_AT: 'alerts.post.before_send:1' });
    expect(await before.ended).toBe('SIGKILL');
    expect(hook.received).toEqual([]);
    expect(await notices()).toEqual([{ state: 'due', attempts: 1 }]);

    await leaseEnds();
    const after = await work({ GANTRY_REHEARSAL: '1', GANTRY_CRASH_AT: 'alerts.post.after_send:1' });
    expect(await after.ended).toBe('SIGKILL');
    expect(hook.received).toHaveLength(1);
    expect(await notices()).toEqual([{ state: 'due', attempts: 2 }]);

    // Two at once: one of them sends it again, and the receiver can tell by its id.
    await leaseEnds();
    await Promise.all([work(), work()]);
    await until(async () => (await notices())[0]?.state === 'sent');
    expect(hook.received).toHaveLength(2);
    expect(new Set(hook.received.map(({ id }) => id)).size).toBe(1);
    for (const { body, headers } of hook.received) new Webhook(secret).verify(body, headers);

    // And both look again, many times: nobody is told twice.
    for (let look = 0; look < 3; look += 1) {
      await db.query('update alert_turn set due_at = now()');
      await until(async () => {
        const [row] = await db.query<{ open: number }>(
          'select count(*)::int as open from alert_turn where due_at <= now() or lease_by is not null',
        );
        return row?.open === 0;
      });
    }
    expect(hook.received).toHaveLength(2);
    expect(await notices()).toEqual([{ state: 'sent', attempts: 3 }]);
    expect(await db.query('select id from alert where tenant = $1', [tenant])).toHaveLength(1);
  });

  it('operators see it, look after it, and try their routes', async () => {
    server = await serve(env, '--role', 'api');
    const list = await gantry(env, 'alerts', '--tenant', 'acme');
    expect(list.out).toMatch(
      /^#1 {2}critical {2}acme {2}crm: somebody has to sign in again {2}\[connection\.sign_in\]$/m,
    );
    expect(list.out).toMatch(/^ {4}tenant_admin: Sign in again/m);
    const ack = await gantry(env, 'alerts', 'ack', '1', '--tenant', 'acme', '--note', 'called them', '--by', 'lena');
    expect(ack.out).toMatch(/lena looks after it since .*: called them/);
    const routes = await gantry(env, 'alerts', 'routes');
    expect(routes.out).toMatch(/^ops {2}webhook {2}connection\.\* of \*, warning or worse$/m);
    expect(routes.out).toMatch(/^unset {2}slack .*LEADS NOWHERE: GANTRY_ALERT_UNSET_URL is not set$/m);
    expect(await gantry(env, 'alerts', 'test', 'ops')).toMatchObject({
      code: 0,
      out: 'Route ops took the message.\n',
    });
    expect(hook.received.at(-1)?.json['type']).toBe('alert.test');
    const ask = async (method: string, path: string): Promise<JsonObject> => {
      const headers = {
        authorization: `Bearer ${env['GANTRY_OPERATOR_KEY'] ?? ''}`,
        'content-type': 'application/json',
      };
      const body = method === 'POST' ? { body: '{}' } : {};
      const answer = await fetch(`http://127.0.0.1:${env['GANTRY_PORT'] ?? ''}${path}`, { method, headers, ...body });
      return (await answer.json()) as JsonObject;
    };
    expect(await ask('POST', '/v1/alerts/4711/acknowledge')).toMatchObject({ code: 'not_found' });
    expect(await ask('POST', '/v1/alert-routes/opps/test')).toMatchObject({
      code: 'alert_route_unknown',
      suggestions: ['ops'],
    });
    expect(await ask('GET', '/v1/alerts?tenant=nobody')).toMatchObject({ code: 'not_found' });
    const { alerts } = await ask('GET', '/v1/alerts');
    expect((alerts as JsonObject[]).map(({ tenant: of, topic }) => [of, topic])).toEqual([
      // The worst first, whoever has it.
      ['acme', 'connection.sign_in'],
      // The server that tests start keeps nothing through a power cut.
      [null, 'installation.not_durable'],
    ]);
  });
});
