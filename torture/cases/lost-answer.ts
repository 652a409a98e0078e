import { systemOf } from '../acts/act.ts';
import { settle, type Scene } from '../scene.ts';
import { committed, until } from '../writing/made.ts';
import { preparedWay, ways, type Way } from '../writing/ways.ts';
import type { TortureCase } from './case.ts';

/** Calls that write, and no others, by provider. */
const WRITING: Readonly<Record<string, { readonly method: string; readonly path: string }>> = {
  support: { method: 'POST', path: '/api/v2/tickets' },
  crm: { method: '', path: '/\\/services\\/data\\/v[0-9.]+\\/(sobjects\\/Contact|composite\\/sobjects)/' },
  erp: { method: 'POST', path: '/\\/json\\/2\\/[a-z.]+\\/create/' },
  calendar: { method: 'POST', path: '/calendar/v3/calendars' },
};

/**
 * How an answer is lost: the call took effect, it never arrived, or it takes
 * effect when nobody waits for it any more.
 */
const LOSSES = [{ reset: true, applied: true }, { reset: true }, { reset: true, late: 'hold' }] as const;

/** No answer comes, of writes of all classes: each is found out by reading, and sent again only where it does not stand there. */
export const lostAnswer: TortureCase = {
  name: 'lost-answer',
  rows: ['W3', 'W4', 'W5'],
  needs: ['crm', 'support', 'erp', 'calendar'],
  run: async (scene) => {
    for (const loss of LOSSES) for (const way of ways) await lost(scene, way, loss);
    // Late, and before anybody asks: the time that a late effect has is not over.
    for (const { sandbox } of scene.stage.systems) await sandbox.control('POST', 'faults/release');
    await settle(scene, 'lost-answer');
  },
};

async function lost(scene: Scene, way: Way, action: (typeof LOSSES)[number]): Promise<void> {
  const { plan } = await preparedWay(scene, way);
  const { sandbox } = systemOf(scene, way.integration);
  const { method, path } = WRITING[way.integration] ?? { method: '', path: '/' };
  const match = method === '' ? { path } : { method, path };
  await sandbox.control('POST', 'faults', {
    match: way.letter === 'D' ? { ...match, method: 'PATCH' } : match,
    times: 1,
    action,
  });
  await committed(scene, way.tenant, plan);
  const lostOne = await until(async () => {
    const told = await scene.stage.sql("select from audit_payload where plan = $1 and kind = 'write_unknown'", [plan]);
    return told.length > 0;
  });
  if (!lostOne) scene.result.notRun.add(`lost-answer: ${way.letter} lost none by ${JSON.stringify(action)}`);
  await sandbox.control('DELETE', 'faults');
}
