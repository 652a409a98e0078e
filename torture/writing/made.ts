import { setTimeout as sleep } from 'node:timers/promises';
import { systemOf, untilDone } from '../acts/act.ts';
import { passTime, passUnknown } from '../load.ts';
import { canaryOf } from '../checker/facts.ts';
import type { Scene } from '../scene.ts';
import type { Answer } from '../stage/answer.ts';
import type { Wanted } from '../stage/writer.ts';

const TRIES = 80;
const EVERY_MS = 500;

/** A record that a person makes in the system: its id there. */
export async function recordMade(
  scene: Scene,
  integration: string,
  object: string,
  fields: Readonly<Record<string, string | number>>,
): Promise<string> {
  return (await systemOf(scene, integration).sandbox.mutate({ op: 'create', object, fields })).id;
}

let accounts = 0;

/** With the number that the org asks of its customers: else nobody could change it. */
export const newAccount = (scene: Scene): Promise<string> =>
  recordMade(scene, 'crm', 'Account', {
    Name: `${canaryOf('acme')}account`,
    Kundennummer__c: `T-${String((accounts += 1))}`,
  });

/** A plan without problems: what it is about has to be read first, from `integration`. Its id. */
export async function prepared(
  scene: Scene,
  tenant: string,
  wanted: Wanted,
  key?: string,
  integration = wanted.object.split('.')[0] ?? '',
): Promise<string> {
  let last: Answer | null = null;
  for (let tries = 0; tries < TRIES; tries += 1) {
    last = await scene.stage.writer.prepare(tenant, wanted, key).catch(() => null);
    if (last?.body['status'] === 'prepared') return String(last.body['plan_id']);
    await scene.stage
      .operator(tenant)
      .sync(integration)
      .catch(() => undefined);
    await sleep(EVERY_MS);
  }
  throw new Error(`no plan of ${wanted.object}: ${JSON.stringify(last?.body['problems'] ?? last)}`);
}

/** Asked for again until somebody answers, as a client does that was told nothing. Raises what the API refuses. */
export async function committed({ stage }: Scene, tenant: string, plan: string): Promise<void> {
  let last: Answer | null = null;
  const told = await untilDone(async () => {
    last = await stage.writer.commit(tenant, plan);
  }, 60);
  const { status = 0, body = {} } = (last as Answer | null) ?? {};
  if (!told || status !== 200) throw new Error(`commit of ${plan} answered ${String(status)}: ${JSON.stringify(body)}`);
}

/** Waits until the database says so; false: it never did. */
export async function until(met: () => Promise<boolean>, tries = TRIES): Promise<boolean> {
  for (let done = 0; done < tries; done += 1) {
    if (await met().catch(() => false)) return true;
    await sleep(EVERY_MS / 2);
  }
  return false;
}

/** States of a plan's writes, in its order. */
export async function statesOf({ stage }: Scene, plan: string): Promise<readonly string[]> {
  const rows = await stage.sql<{ state: string }>('select state from write where plan = $1 order by item', [plan]);
  return rows.map(({ state }) => state);
}

export const planState = async ({ stage }: Scene, plan: string): Promise<string> =>
  (await stage.sql<{ state: string }>('select state from write_plan where id = $1', [plan]))[0]?.state ?? 'none';

/** Everything of it has ended, however. */
export const ended = (scene: Scene, plan: string): Promise<boolean> =>
  until(async () => {
    await passing(scene);
    return ['done', 'stopped', 'refused', 'rejected', 'expired', 'withdrawn'].includes(await planState(scene, plan));
  });

async function passing({ stage }: Scene): Promise<void> {
  await passTime(stage);
  await passUnknown(stage);
}
