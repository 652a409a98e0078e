import type { Clock } from '../../kernel/index.ts';
import { listAgentStops, type AgentStopRow, type Db } from '../../store/index.ts';
import { createMoments } from './moments.ts';

/** Agents that somebody suspended by hand; known everywhere within a second. */
export interface AgentStops {
  stopOf(agent: string): Promise<AgentStopRow | null>;
  forgetAll(): void;
}

export function createAgentStops(db: Db, clock: Clock): AgentStops {
  const moments = createMoments<ReadonlyMap<string, AgentStopRow>>(clock, 1);
  return {
    stopOf: async (agent) => {
      const stops = await moments.get(
        'all',
        async () => new Map((await listAgentStops(db)).map((row) => [row.agent, row])),
      );
      return stops?.get(agent) ?? null;
    },
    forgetAll: () => moments.forgetAll(),
  };
}
