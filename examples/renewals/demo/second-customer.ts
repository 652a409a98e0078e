import type { Stage } from '../stage/open-stage.ts';
import { connectAgent } from './agent.ts';
import { dealsIn, differences } from './compare.ts';
import { titles } from './first-load.ts';
import type { LiveApi } from './live-api.ts';
import { liveFanOutAtGlobex } from './live-fan-out-globex.ts';
import { liveApiOf } from './live-sign-in.ts';
import { questionArguments } from './question.ts';
import type { Terminal } from './terminal.ts';

export interface SecondFigures {
  readonly tenant: string;
  readonly records: number;
  readonly load_ms: number;
  readonly rows: number;
  readonly ms: number;
  readonly same_answer: boolean;
}

/** The very same question at a customer whose systems know nothing of each other. */
export async function secondCustomer({ globex, url }: Stage, terminal: Terminal): Promise<SecondFigures> {
  if (globex === null) throw new Error('the stage has one customer only');
  const { tenant, systems, operator } = globex;
  const names = [...systems.values()].map(({ health }) => titles[health.provider] ?? health.provider);
  terminal.heading(`8. Customer ${tenant}: ${names.join(', ')}; the same models, the same question`);
  const started = performance.now();
  await globex.connectAll();
  const loadMs = performance.now() - started;
  const records = (await operator.progress()).reduce((sum, object) => sum + object.records, 0);
  terminal.line(`  ${records.toLocaleString('en-US')} records in ${(loadMs / 1_000).toFixed(1)} s`);
  terminal.line('  Renewals are a model made in Odoo Studio, with stages typed as free text in three languages;');
  terminal.line('  tickets find their account by domain, reviews by the title of a calendar entry.');
  const agent = await connectAgent(url, await globex.keyFor('renewals-copilot'));
  try {
    await agent.call('query_records', questionArguments);
    const { content, failed, ms } = await agent.call('query_records', questionArguments);
    if (failed) throw new Error(`the question failed: ${JSON.stringify(content)}`);
    const table = content as { columns: string[]; rows: unknown[][] };
    const shown = table.columns.flatMap((name, index) => (name === '_ref' ? [] : [index]));
    terminal.table(
      shown.map((index) => table.columns[index] ?? ''),
      table.rows.map((row) => shown.map((index) => row[index])),
      5,
    );
    const api = (integration: string): Promise<LiveApi> => {
      const sandbox = systems.get(integration);
      if (sandbox === undefined) throw new Error(`${tenant} has no ${integration}`);
      return liveApiOf(sandbox);
    };
    const apis = { erp: await api('erp'), desk: await api('support'), calendar: await api('calendar') };
    const { deals } = await liveFanOutAtGlobex(apis, new Date());
    const wrong = differences(dealsIn(table), deals);
    for (const line of wrong.slice(0, 5)) terminal.line(`  DIFFERENT: ${line}`);
    terminal.line(
      `  ${String(table.rows.length)} deals in ${ms.toFixed(1)} ms; ` +
        (wrong.length === 0 ? 'the APIs of the three systems say the same' : `${String(wrong.length)} differences`),
    );
    const same = wrong.length === 0 && table.rows.length > 0;
    return {
      tenant,
      records,
      load_ms: Math.round(loadMs),
      rows: table.rows.length,
      ms: Math.round(ms * 10) / 10,
      same_answer: same,
    };
  } finally {
    await agent.close();
  }
}
