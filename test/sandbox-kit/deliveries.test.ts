import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { adminOf, startSandbox, type RunningSandboxProcess } from '../../sandbox/client/index.ts';
import { attemptsOf, settled, startReceiver, type Receiver, type Summary } from './receiver.ts';

/** The control API of deliveries, on an Odoo that calls a webhook for every new partner. */
let erp: RunningSandboxProcess;
let receiver: Receiver;
let modelId: number;

beforeAll(async () => {
  [erp, receiver] = await Promise.all([startSandbox('odoo', { company: 'globex' }), startReceiver()]);
  [modelId = 0] = await call<number[]>('ir.model/search', { domain: [['model', '=', 'res.partner']] });
  await ruleTo(`${receiver.url}/hook`);
  // A second is all that Odoo gives, and this machine may be busy.
  await erp.control('POST', 'webhooks/settings', { timeoutMs: 60_000 });
});
afterAll(() => Promise.all([erp.stop(), receiver.stop()]));
beforeEach(async () => {
  await erp.control('DELETE', 'webhooks/faults');
  receiver.answer((response) => response.end());
  receiver.forget();
});

async function call<Answer>(path: string, body: unknown): Promise<Answer> {
  const response = await fetch(`${erp.url}/json/2/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `bearer ${adminOf(erp).apiKey ?? ''}` },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${String(response.status)} ${await response.text()}`);
  return (await response.json()) as Answer;
}

async function ruleTo(webhook_url: string): Promise<number> {
  const action = { state: 'webhook', model_id: modelId, webhook_url };
  const vals = { name: webhook_url, model_id: modelId, trigger: 'on_create', action_server_ids: [[0, 0, action]] };
  const [id] = await call<number[]>('base.automation/create', { vals_list: [vals] });
  return id ?? 0;
}

const removeRule = (id: number) => call('base.automation/unlink', { ids: [id] });
const faults = (rules: unknown) => erp.control('POST', 'webhooks/faults', rules);
const summary = () => erp.control<Summary>('GET', 'webhooks');

/** Makes partners one after the other; answers their ids. */
async function make(count: number): Promise<readonly number[]> {
  const ids: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const { id } = await erp.mutate({ op: 'create', object: 'res.partner', fields: { name: `Partner ${String(n)}` } });
    ids.push(Number(id));
  }
  return ids;
}

const told = (): readonly number[] => receiver.received.map(({ body }) => (JSON.parse(body) as { _id: number })._id);

describe('faults of deliveries', () => {
  it('drop the next ones, and the ledger says so', async () => {
    const since = (await attemptsOf(erp)).at(-1)?.seq ?? 0;
    await faults({ kind: 'drop', next: 2 });
    const ids = await make(3);
    await settled(erp);
    expect(told()).toEqual(ids.slice(2));
    const attempts = await attemptsOf(erp, since);
    expect(attempts.map(({ delivery }) => [delivery.about?.id, delivery.fault, delivery.state])).toEqual([
      [String(ids[0]), 'dropped', 'dropped'],
      [String(ids[1]), 'dropped', 'dropped'],
      [String(ids[2]), null, 'delivered'],
    ]);
  });

  it('meet a share of all, the same for the same seed', async () => {
    const met = async (seed: number): Promise<readonly boolean[]> => {
      receiver.forget();
      await faults({ kind: 'drop', share: 0.3, seed });
      const ids = await make(40);
      await settled(erp);
      await erp.control('DELETE', 'webhooks/faults');
      return ids.map((id) => told().includes(id));
    };
    const first = await met(7);
    expect(first.filter((arrived) => !arrived).length).toBeGreaterThan(4);
    expect(first.filter((arrived) => arrived).length).toBeGreaterThan(15);
    expect(await met(7)).toEqual(first);
    expect(await met(8)).not.toEqual(first);
  });

  it('duplicate byte by byte', async () => {
    await faults({ kind: 'duplicate', copies: 2, next: 1 });
    const [id] = await make(1);
    await settled(erp);
    expect(told()).toEqual([id, id, id]);
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
    expect((await attemptsOf(erp)).slice(-3).map(({ delivery }) => delivery.fault)).toEqual(['copy', 'copy', null]);
  });

  it('reorder a batch when it is full, or when told to go', async () => {
    await faults({ kind: 'reorder', size: 8, seed: 3 });
    const ids = await make(8);
    await settled(erp);
    expect(told()).not.toEqual(ids);
    expect(told().toSorted((a, b) => a - b)).toEqual(ids);
    receiver.forget();
    const few = await make(3);
    expect(await summary()).toMatchObject({ open: 3, states: { held: 3 } });
    await erp.control('POST', 'webhooks/flush');
    await settled(erp);
    expect(told()).not.toEqual(few);
    expect(told().toSorted((a, b) => a - b)).toEqual(few);
  });

  it('delay until the time is over or somebody ends it', async () => {
    await faults({ kind: 'delay', ms: 3_600_000, next: 1 });
    const [late, soon] = await make(2);
    await receiver.came(1);
    expect(told()).toEqual([soon]);
    await erp.control('POST', 'webhooks/flush');
    await settled(erp);
    expect(told()).toEqual([soon, late]);
    await erp.control('POST', 'webhooks/settings', { speed: 100 });
    await faults({ kind: 'delay', ms: 1_000, next: 1 });
    await make(1);
    await settled(erp);
    await erp.control('POST', 'webhooks/settings', { speed: 1 });
    expect(receiver.received).toHaveLength(3);
  });

  it.each([
    [{ kind: 'lose' }],
    [{ kind: 'drop', next: 0 }],
    [{ kind: 'drop', share: 2 }],
    [{ kind: 'reorder', size: 1 }],
    [{ kind: 'delay', ms: -1 }],
  ])('refuse %j', async (rule) => {
    await expect(faults(rule)).rejects.toThrow(/400/);
  });
});

describe('deliveries', () => {
  it('wait while they are paused, in their order', async () => {
    await erp.control('POST', 'webhooks/pause');
    const ids = await make(3);
    expect(await summary()).toMatchObject({ paused: true, open: 3, states: { queued: 3 } });
    expect(receiver.received).toHaveLength(0);
    await erp.control('POST', 'webhooks/settings', { concurrency: 1 });
    await erp.control('POST', 'webhooks/resume');
    await settled(erp);
    await erp.control('POST', 'webhooks/settings', { concurrency: 32 });
    expect(told()).toEqual(ids);
  });

  it('can be sent again as they were (H1)', async () => {
    await make(1);
    await settled(erp);
    const delivery = (await attemptsOf(erp)).at(-1)?.delivery.delivery;
    await erp.control('POST', 'webhooks/replay', { delivery });
    await receiver.came(2);
    expect(receiver.received[1]).toEqual(receiver.received[0]);
    await expect(erp.control('POST', 'webhooks/replay', { delivery: 1_000_000 })).rejects.toThrow(/400/);
  });

  it('to one receiver that hangs hold neither the others nor the API', async () => {
    const hanging = await startReceiver();
    hanging.answer(() => undefined);
    const rule = await ruleTo(`${hanging.url}/hang`);
    await erp.control('POST', 'webhooks/settings', { concurrency: 2, timeoutMs: 600_000 });
    const ids = await make(10);
    await receiver.came(10);
    expect(told().toSorted((a, b) => a - b)).toEqual(ids);
    expect(await call<number>('res.partner/search_count', { domain: [['id', 'in', ids]] })).toBe(10);
    expect(hanging.received).toHaveLength(2);
    await hanging.stop();
    await erp.control('POST', 'webhooks/settings', { concurrency: 32, timeoutMs: 60_000 });
    await settled(erp);
    await removeRule(rule);
  });

  it('never leave this machine', async () => {
    const elsewhere = ['http://10.0.0.1/x', 'http://hooks.example.com/x', 'http://0.0.0.0/x', 'ftp://127.0.0.1/x', 'x'];
    const rules = await Promise.all(elsewhere.map(ruleTo));
    const since = (await attemptsOf(erp)).at(-1)?.seq ?? 0;
    await make(1);
    await settled(erp);
    const failed = (await attemptsOf(erp, since)).filter(({ status }) => status === 0);
    expect(failed.map(({ delivery }) => delivery.outcome?.reason)).toEqual(elsewhere.map(() => 'not_loopback'));
    for (const rule of rules) await removeRule(rule);
  });

  it('come in bursts of as many changes as asked for, each once (H4)', async () => {
    const burst = {
      object: 'res.partner',
      op: 'create',
      count: 2_000,
      perSecond: 2_000,
      fields: { name: 'Burst {n}' },
    };
    const { made } = await erp.control<{ made: number }>('POST', 'burst', burst);
    expect(made).toBe(2_000);
    await settled(erp);
    expect(new Set(told()).size).toBe(2_000);
    expect(receiver.received).toHaveLength(2_000);
    const last = Math.max(...told());
    const [row] = await call<{ name: string }[]>('res.partner/read', { ids: [last], fields: ['name'] });
    expect(row?.name).toBe('Burst 2000');
  });
});

describe('a sandbox that sends nothing', () => {
  it('says so', async () => {
    const crm = await startSandbox('salesforce');
    try {
      await expect(crm.control('GET', 'webhooks')).rejects.toThrow(/sends nothing/);
    } finally {
      await crm.stop();
    }
  });
});
