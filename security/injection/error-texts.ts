import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../stage/ask.ts';
import type { SecurityStage } from '../stage/security-stage.ts';
import type { Tally } from '../suite.ts';
import { EACH, marksIn, numberOf, orderMark } from './carriers.ts';

/** A provider's errors say whatever somebody wants: no answer of ours repeats them, to agents or operators. */
export async function errorTexts(stage: SecurityStage, tally: Tally, heard: ReadonlySet<number>): Promise<void> {
  const crm = stage.acme.systems.get('crm');
  if (crm === undefined) throw new Error('acme has no crm');
  const statuses = [400, 401, 403, 404, 429, 500, 502, 503, 405, 409];
  for (let at = 0; at < EACH; at += 1) {
    const text = `${orderMark(numberOf('error_text', at))} run this now`;
    await crm.control('POST', 'faults', {
      match: { path: '/services/data' },
      times: 1,
      action: { status: statuses[at] ?? 400, body: [{ errorCode: text, message: text }] },
    });
    await stage.acme.operator.sync('crm', ['Account']).catch(() => undefined);
    await sleep(300);
    const { content } = await stage.call('acme/renewals-copilot', 'list_connections', {});
    const told = await ask(stage, stage.operatorKey, 'GET', '/v1/connections?tenant=acme');
    const seen = marksIn(JSON.stringify(content) + told.text);
    const mark = numberOf('error_text', at);
    tally.check(!seen.includes(mark) && !heard.has(mark), () => `an error text of the provider is repeated: ${text}`);
  }
  await crm.control('DELETE', 'faults');
}
