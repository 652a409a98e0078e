import type { Stage } from '../stage/open-stage.ts';
import { connectAgent, type Agent } from './agent.ts';
import { dealsIn, differences, type ReplicaDeal } from './compare.ts';
import type { LiveAnswer } from './live-api.ts';
import { liveFanOut } from './live-fan-out.ts';
import { liveApiOf } from './live-sign-in.ts';
import { question, questionArguments } from './question.ts';
import type { Terminal } from './terminal.ts';
import { upstreamChange } from './upstream-change.ts';

export interface Figures {
  readonly ok: boolean;
  readonly question: {
    readonly rows: number;
    readonly ms: number;
    readonly as_of: string | null;
    readonly upstream_calls: number;
  };
  readonly live: { readonly rows: number; readonly ms: number; readonly upstream_calls: number };
  readonly same_answer: boolean;
  readonly change_visible_ms: number;
  readonly error_code: string;
}

const HOP_MS = 200;

/** The agent's part of the demo, after everything is loaded. */
export async function playScenes(stage: Stage, terminal: Terminal): Promise<Figures> {
  const agent = await connectAgent(stage.url, stage.agentKey);
  try {
    await lookAround(agent, terminal);
    const asked = await ask(stage, agent, terminal);
    const live = await askLive(stage, terminal);
    const wrong = differences(asked.deals, live.deals);
    for (const line of wrong.slice(0, 5)) terminal.line(`  DIFFERENT: ${line}`);
    terminal.line(
      wrong.length === 0
        ? `  the same ${String(live.deals.length)} deals, amounts, ticket counts and dates: ${Math.round(live.ms / asked.ms).toLocaleString('en-US')} times slower`
        : `  ${String(wrong.length)} differences`,
    );
    const changeMs = await watchChange(stage, agent, asked.deals, terminal);
    const code = await misspell(agent, terminal);
    return {
      ok: wrong.length === 0 && asked.deals.length > 0 && code === 'query_field_unknown',
      question: {
        rows: asked.deals.length,
        ms: round(asked.ms),
        as_of: asked.asOf,
        upstream_calls: asked.upstreamCalls,
      },
      live: { rows: live.deals.length, ms: Math.round(live.ms), upstream_calls: live.calls },
      same_answer: wrong.length === 0,
      change_visible_ms: Math.round(changeMs),
      error_code: code,
    };
  } finally {
    await agent.close();
  }
}

async function lookAround(agent: Agent, terminal: Terminal): Promise<void> {
  terminal.heading(`3. An agent arrives (official MCP client, protocol ${agent.protocol}) and looks around`);
  terminal.line(`  tools: ${(await agent.tools()).join(', ')}`);
  const found = await agent.call('search_catalog', { query: 'renewal', limit: 5 });
  const matches = (found.content['matches'] ?? []) as { name: string; title?: string }[];
  terminal.line(`  search_catalog "renewal": ${matches.map((match) => match.name).join(', ')}`);
  const described = await agent.call('describe', { names: ['deal'] });
  terminal.line(
    `  describe deal: ${String(JSON.stringify(described.content).length)} characters, ${described.ms.toFixed(1)} ms`,
  );
}

interface Asked {
  readonly deals: readonly ReplicaDeal[];
  readonly ms: number;
  readonly asOf: string | null;
  readonly upstreamCalls: number;
}

async function ask(stage: Stage, agent: Agent, terminal: Terminal): Promise<Asked> {
  terminal.heading('4. One question across CRM and help desk, in one call');
  terminal.line(`  "${question}"`);
  const callsBefore = stage.upstreamCalls();
  const first = await agent.call('query_records', questionArguments);
  if (first.failed) throw new Error(`the question failed: ${JSON.stringify(first.content)}`);
  const again = await agent.call('query_records', questionArguments);
  const table = again.content as {
    columns: string[];
    rows: unknown[][];
    freshness: { as_of: string | null; age_s: number | null };
  };
  const shown = table.columns.flatMap((name, index) => (name === '_ref' ? [] : [index]));
  terminal.table(
    shown.map((index) => table.columns[index] ?? ''),
    table.rows.map((row) => shown.map((index) => row[index])),
  );
  const upstreamCalls = stage.upstreamCalls() - callsBefore;
  terminal.line(
    `  ${String(table.rows.length)} deals in ${again.ms.toFixed(1)} ms (first time ${first.ms.toFixed(1)} ms), over HTTP, ` +
      `as of ${table.freshness.as_of ?? 'unknown'} (${String(table.freshness.age_s)} s old)`,
  );
  return { deals: dealsIn(table), ms: again.ms, asOf: table.freshness.as_of, upstreamCalls };
}

async function askLive(stage: Stage, terminal: Terminal): Promise<LiveAnswer> {
  terminal.heading(`5. The same without a replica: calls to both APIs, ${String(HOP_MS)} ms each`);
  const [crm, support] = await Promise.all([liveApiOf(stage.crm), liveApiOf(stage.support)]);
  for (const sandbox of [stage.crm, stage.support]) await sandbox.control('POST', 'latency', { ms: HOP_MS });
  try {
    const live = await liveFanOut(crm, support, new Date());
    terminal.line(
      `  ${String(live.deals.length)} deals in ${(live.ms / 1_000).toFixed(1)} s with ${String(live.calls)} upstream calls, eight at a time`,
    );
    return live;
  } finally {
    for (const sandbox of [stage.crm, stage.support]) await sandbox.control('POST', 'latency', { ms: 0 });
  }
}

async function watchChange(
  stage: Stage,
  agent: Agent,
  deals: readonly ReplicaDeal[],
  terminal: Terminal,
): Promise<number> {
  terminal.heading('6. Somebody edits the first of these deals in the CRM');
  const deal = deals[0];
  if (deal === undefined || deal.amount === null) throw new Error('there is no deal to change');
  const change = await upstreamChange(stage, agent, deal.id, deal.amount);
  terminal.line(
    `  amount ${change.before.toLocaleString('en-US')} -> ${change.after.toLocaleString('en-US')}: answered to the agent ${String(Math.round(change.ms))} ms later`,
  );
  return change.ms;
}

async function misspell(agent: Agent, terminal: Terminal): Promise<string> {
  terminal.heading('7. A mistake is answered with what to do');
  const result = await agent.call('query_records', {
    object: 'deal',
    filter: { field: 'ammount', op: 'gt', value: 1000 },
  });
  terminal.line(`  ${JSON.stringify(result.content)}`);
  return String(result.content['code']);
}

const round = (value: number): number => Math.round(value * 10) / 10;
