import type { AgentUseCases } from '../../api/index.ts';
import { appendOfInstallation, auditAppender, changeEntry } from '../../audit/index.ts';
import { GantryError, suggest, type JsonObject, type Random } from '../../kernel/index.ts';
import type { AgentDeclaration } from '../../manifest/index.ts';
import { listAgentStops, resumeAgent, stopAgent, type AgentStopRow, type Db, type Tx } from '../../store/index.ts';
import type { Revisions } from '../project/revisions.ts';
import { actorOf } from './actor.ts';
import type { IdentityLogEvent } from './events.ts';

/** The agents of the project in force, and the switch that ends all that one may do at once. */
export function createAgentUseCases({
  db,
  random,
  revisions,
  onEvent,
}: {
  readonly db: Db;
  readonly random: Random;
  readonly revisions: Revisions;
  readonly onEvent: (event: IdentityLogEvent) => void;
}): AgentUseCases {
  const declared = async (): Promise<ReadonlyMap<string, AgentDeclaration>> =>
    (await revisions.current())?.manifest.agents ?? new Map<string, AgentDeclaration>();
  const shownNow = async (name: string): Promise<JsonObject> => {
    const stops = await listAgentStops(db);
    return shown(name, (await declared()).get(name) ?? null, stops.find(({ agent }) => agent === name) ?? null);
  };
  const append = auditAppender(random);
  const told = (tx: Tx, by: string, agent: string, { done, note }: { done: string; note: string | null }) =>
    appendOfInstallation(tx, append, [changeEntry({ by, what: `agent ${agent}: ${done}`, after: done, reason: note })]);
  return {
    list: async () => {
      const stops = new Map((await listAgentStops(db)).map((row) => [row.agent, row]));
      const agents = await declared();
      const names = new Set([...agents.keys(), ...stops.keys()]);
      return [...names].toSorted().map((name) => shown(name, agents.get(name) ?? null, stops.get(name) ?? null));
    },
    suspend: async (operator, { agent, note, by }) => {
      const agents = await declared();
      if (!agents.has(agent)) throw unknownAgent(agent, [...agents.keys()]);
      const actor = actorOf(operator, by);
      await db.tx(async (tx) => {
        await stopAgent(tx, { agent, note, by: actor });
        await told(tx, actor, agent, { done: 'suspended', note });
      }, 'app.suspend_agent');
      onEvent({ kind: 'identity_changed', change: { what: 'agent', agent, state: 'suspended' }, by: actor });
      return shownNow(agent);
    },
    resume: async (operator, { agent, by }) => {
      const actor = actorOf(operator, by);
      const isResumed = await db.tx(async (tx) => {
        if (!(await resumeAgent(tx, agent))) return false;
        await told(tx, actor, agent, { done: 'let go on', note: null });
        return true;
      }, 'app.resume_agent');
      if (!isResumed) {
        const names = (await listAgentStops(db)).map((row) => row.agent);
        throw unknownAgent(agent, names, 'It is not suspended by hand; `status` in gantry.yaml may say so.');
      }
      onEvent({ kind: 'identity_changed', change: { what: 'agent', agent, state: 'active' }, by: actor });
      return shownNow(agent);
    },
  };
}

function unknownAgent(name: string, names: readonly string[], fix?: string): GantryError {
  return new GantryError('not_found', {
    message: `There is no such agent "${name.slice(0, 80)}".`,
    where: 'agent',
    suggestions: suggest(name, names),
    fix: fix ?? 'Name one as `gantry agents list` does.',
  });
}

/** `declared` null: it is gone from the project, and still suspended should it come back. */
function shown(name: string, declared: AgentDeclaration | null, stop: AgentStopRow | null): JsonObject {
  const money = declared?.moneyPerDay ?? null;
  return {
    agent: name,
    title: declared?.title ?? null,
    owner: declared?.owner ?? null,
    declared: declared !== null,
    acts_for: declared?.actsFor ?? 'service',
    state: stop !== null || declared?.status === 'suspended' ? 'suspended' : 'active',
    suspended_by: stop?.by ?? (declared?.status === 'suspended' ? 'gantry.yaml' : null),
    suspended_at: stop?.at.toISOString() ?? null,
    note: stop?.note ?? null,
    ip_allow: [...(declared?.ipAllow ?? [])],
    clients: [...(declared?.clients ?? [])],
    calls_per_minute: declared?.grant.callsPerMinute ?? null,
    money_per_day: money === null ? null : { ...money },
  };
}
