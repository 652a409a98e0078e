import type { Stage } from '../stage/open-stage.ts';
import type { Agent } from './agent.ts';

export interface UpstreamChange {
  readonly before: number;
  readonly after: number;
  /** From the change in the CRM to the first answer that has it. */
  readonly ms: number;
}

const GIVE_UP_AFTER_MS = 20_000;

/** Somebody edits a deal in the CRM; the agent asks until it sees the new amount. */
export async function upstreamChange(stage: Stage, agent: Agent, id: string, before: number): Promise<UpstreamChange> {
  const after = Math.round((before + 1_234.5) * 100) / 100;
  await stage.crm.mutate({ op: 'update', object: 'Opportunity', id, fields: { Auftragswert__c: after } });
  const started = performance.now();
  await stage.operator.sync('crm', ['Opportunity']);
  for (;;) {
    const { content } = await agent.call('get_record', {
      object: 'deal',
      id: `crm/Opportunity/${id}`,
      fields: ['amount'],
    });
    const { columns, rows } = content as { columns: string[]; rows: unknown[][] };
    const seen = rows[0]?.[columns.indexOf('amount')];
    if (seen === after) return { before, after, ms: performance.now() - started };
    if (performance.now() - started > GIVE_UP_AFTER_MS) {
      throw new Error(
        `the replica still says ${String(seen)} after ${String(GIVE_UP_AFTER_MS / 1_000)} s, not ${String(after)}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
