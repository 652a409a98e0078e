import { keyChannel } from './api-keys.ts';
import type { Tx } from './db.ts';
import type { Directory } from './tenants.ts';

/** An agent that somebody suspended by hand. */
export interface AgentStopRow {
  readonly agent: string;
  readonly by: string;
  readonly note: string | null;
  readonly at: Date;
}

export const agentStopsSql = {
  stop: `insert into agent_stop (agent, stopped_by, note, stopped_at) values ($1, $2, $3, $4)
    on conflict (agent) do update set stopped_by = excluded.stopped_by, note = excluded.note`,
  resume: 'delete from agent_stop where agent = $1 returning agent',
  list: 'select agent, stopped_by as "by", note, stopped_at as "at" from agent_stop order by agent',
  notify: 'select pg_notify($1, $2)',
} as const;

/** All processes forget at once what they remember of keys. `tx` is a plain transaction. */
export async function stopAgent(
  tx: Tx,
  stop: { readonly agent: string; readonly by: string; readonly note: string | null },
): Promise<void> {
  await tx.query(agentStopsSql.stop, [stop.agent, stop.by, stop.note, tx.now]);
  await tx.query(agentStopsSql.notify, [keyChannel, '']);
}

/** False where it was not suspended by hand. */
export async function resumeAgent(tx: Tx, agent: string): Promise<boolean> {
  const resumed = (await tx.query(agentStopsSql.resume, [agent])).length > 0;
  await tx.query(agentStopsSql.notify, [keyChannel, '']);
  return resumed;
}

export function listAgentStops(db: Directory): Promise<AgentStopRow[]> {
  return db.query<AgentStopRow>(agentStopsSql.list);
}
