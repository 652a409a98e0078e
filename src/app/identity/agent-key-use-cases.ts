import type { AgentKeyUseCases } from '../../api/index.ts';
import type { JsonObject, Random } from '../../kernel/index.ts';
import type { Db } from '../../store/index.ts';
import { agentKeyId, listAgentKeys, revokeAgentKey, rotateAgentKey, type AgentKey } from '../callers/agent-keys.ts';
import { createAgentKey } from '../callers/tenants.ts';
import type { Revisions } from '../project/revisions.ts';
import type { IdentityLogEvent } from './events.ts';

/** Agents' keys, as operators see and change them. */
export function createAgentKeyUseCases(deps: {
  readonly db: Db;
  readonly random: Random;
  readonly revisions: Revisions;
  readonly onEvent: (event: IdentityLogEvent) => void;
}): AgentKeyUseCases {
  const { db, onEvent } = deps;
  const told = (of: { readonly tenant: string; readonly agent: string }, state: KeyState, by: string): void =>
    onEvent({ kind: 'identity_changed', change: { what: 'agent_key', ...of, state }, by });
  const made = async (tenant: string, key: string): Promise<JsonObject> => {
    const id = agentKeyId(key);
    const row = (await listAgentKeys(db, tenant)).find((each) => each.id === id);
    if (row === undefined) throw new Error('a key that was made is not there');
    return { ...shown(row), key };
  };
  return {
    list: async (_operator, { tenant }) => (await listAgentKeys(db, tenant)).map(shown),
    create: async (operator, request) => {
      const { tenant, agent } = request;
      const key = await createAgentKey({ ...deps, by: operator.name }, request);
      told({ tenant, agent }, 'made', operator.name);
      return made(tenant, key);
    },
    rotate: async (operator, request) => {
      const { tenant } = request;
      const { key, agent, previousUntil } = await rotateAgentKey({ ...deps, by: operator.name }, request);
      told({ tenant, agent }, 'rotated', operator.name);
      return { ...(await made(tenant, key)), previous_until: previousUntil.toISOString() };
    },
    end: async (operator, { tenant, id }) => {
      const ended = await revokeAgentKey({ ...deps, by: operator.name }, tenant, id);
      told({ tenant, agent: ended.agent }, 'ended', operator.name);
      return shown(ended);
    },
  };
}

type KeyState = 'made' | 'rotated' | 'ended';

const shown = ({ id, agent, label, state, createdAt, expiresAt, lastUsedAt }: AgentKey): JsonObject => ({
  id,
  agent,
  label,
  state,
  created_at: createdAt.toISOString(),
  expires_at: expiresAt?.toISOString() ?? null,
  last_used_at: lastUsedAt?.toISOString() ?? null,
});
