import { setTimeout as sleep } from 'node:timers/promises';
import { systemOf } from '../acts/act.ts';
import type { ProxyState } from '../stage/proxy-process.ts';
import { accuse, settle, type Scene } from '../scene.ts';
import { committed, prepared, statesOf, until } from '../writing/made.ts';
import { newText, wayOf } from '../writing/ways.ts';
import type { TortureCase } from './case.ts';

const EVENTS = 40;
/** The last of them: their deadline passes while they are stopped. */
const LATE_FROM = 34;
/** Of each call, so that many are left when somebody stops them. */
const SLOW_MS = 300;
/** From the commit of the switch on, whatever is under way included. */
const WITHIN_MS = 1_000;
const STOPPED_MS = 4_000;

/** Somebody stops writes in the middle of a batch; later two people let the rest go on, but for what has become too late. */
export const switchedOff: TortureCase = {
  name: 'switched-off',
  rows: ['W11', 'W12'],
  needs: ['calendar'],
  run: async (scene) => {
    const { stage, result } = scene;
    for (const name of ['ann', 'ben']) await stage.people.hire(name, 'admin');
    const { tenant, integration, wanted, place } = wayOf('C');
    const where = await place(scene);
    const texts = Array.from({ length: EVENTS }, () => newText(tenant));
    const records = texts.flatMap((text) => wanted(text, where).records);
    const plan = await prepared(scene, tenant, { ...wanted('', where), records });
    const { sandbox } = systemOf(scene, integration);
    await sandbox.control('POST', 'latency', { ms: SLOW_MS });
    await committed(scene, tenant, plan);
    await until(async () => (await sentIn(scene, 0, Infinity)) > 2, 600);
    const body = { tenant, mode: 'stop_writes', connection: integration, reason: 'rehearsal' };
    const thrown = await stage.people.ask('ann', 'POST', '/v1/switches', body);
    const [at] = await stage.sql<{ at: Date }>('select max(thrown_at) as at from switch');
    const id = String(thrown.body['id']);
    await sleep(STOPPED_MS);
    const since = (at?.at ?? new Date()).getTime();
    const overdue = await stage.sql<{ item: number }>(
      `update write set deadline_at = now() - interval '1 minute' where plan = $1 and state = 'queued' and item >= $2
       returning item`,
      [plan, LATE_FROM],
    );
    for (const { item } of overdue)
      stage.judged.never.push({ text: texts[item] ?? '', invariant: 'W12', why: 'its deadline had passed' });
    const sent = await sentIn(scene, since + WITHIN_MS, Date.now());
    if (sent > 0)
      accuse(scene, 'switched-off', {
        invariant: 'W11',
        what: `${String(sent)} events were sent later than a second after writes were stopped`,
      });
    const before = (await statesOf(scene, plan)).filter((state) => state === 'queued').length;
    if (before === 0 || overdue.length === 0)
      result.notRun.add('switched-off: nothing was left when writes were stopped');
    for (const name of ['ann', 'ben'])
      await stage.people.ask(name, 'POST', `/v1/switches/${id}/lift`, { tenant, reason: 'rehearsal' });
    await sandbox.control('POST', 'latency', { ms: 0 });
    await settle(scene, 'switched-off');
    const states = await statesOf(scene, plan);
    if (states.filter((state) => state === 'expired').length !== overdue.length)
      accuse(scene, 'switched-off', { invariant: 'W12', what: `of ${plan} became ${[...new Set(states)].join(', ')}` });
  },
};

/** New events that were asked for in a span of wall clock, as the line in front saw them. */
async function sentIn(scene: Scene, from: number, to: number): Promise<number> {
  const { proxy } = systemOf(scene, 'calendar');
  const { exchanges } = (await (await fetch(`${proxy.control}/state`)).json()) as ProxyState;
  return exchanges.filter(
    ({ at, method, path }) => method === 'POST' && path.endsWith('/events') && at > from && at < to,
  ).length;
}
