import { GantryError, type RequestFrom } from '../kernel/index.ts';
import { globMatches, type AgentDeclaration } from '../manifest/index.ts';
import { isWithin } from './networks.ts';

export interface AgentUse {
  readonly agent: AgentDeclaration;
  /** Somebody suspended it by hand. */
  readonly stopped: boolean;
  readonly from: RequestFrom;
  /** Whom the access token is about; null: a key, or a token of the agent itself. */
  readonly tokenPrincipal: string | null;
}

/**
 * In whose name an agent acts by this call; null: in its own. Raises
 * `agent_suspended`, `address_not_allowed`, `principal_required` and
 * `principal_not_allowed`: a user who was named is never left out in silence.
 */
export function principalOf({ agent, stopped, from, tokenPrincipal }: AgentUse): string | null {
  if (stopped || agent.status === 'suspended') {
    throw new GantryError('agent_suspended', {
      message: `The agent ${agent.name} is suspended.`,
      where: agent.name,
      ...(agent.owner === null ? {} : { fix: `Ask ${agent.owner}, who answers for it.` }),
    });
  }
  // Null: this process itself, at which no network is involved.
  if (agent.ipAllow !== undefined && from.address !== null && !isWithin(agent.ipAllow, from.address)) {
    throw new GantryError('address_not_allowed', {
      message: `The agent ${agent.name} may not be used from this address.`,
      where: agent.name,
    });
  }
  if (tokenPrincipal !== null && from.principal !== null && from.principal !== tokenPrincipal) {
    throw new GantryError('principal_not_allowed', {
      message: 'The access token is about another user than the call names.',
      where: 'Gantry-On-Behalf-Of',
      fix: 'Leave the header out: the token says by itself whom it is about. For another user, get a token about them.',
    });
  }
  const principal = tokenPrincipal ?? from.principal;
  const actsFor = agent.actsFor ?? 'service';
  if (principal === null && actsFor === 'users') {
    throw new GantryError('principal_required', {
      message: `The agent ${agent.name} acts for users only; the call names none.`,
      where: 'Gantry-On-Behalf-Of',
    });
  }
  if (principal !== null && actsFor === 'service') {
    throw new GantryError('principal_not_allowed', {
      message: `The agent ${agent.name} acts as a service, in nobody's name.`,
      where: 'Gantry-On-Behalf-Of',
    });
  }
  return principal;
}

/**
 * Which agent an OAuth client is: the one that names it, else the one whose
 * name it is, else the one with the longest glob. Null: none, and where two
 * agents name it equally.
 */
export function agentOfClient(
  agents: ReadonlyMap<string, AgentDeclaration>,
  clientId: string,
): AgentDeclaration | null {
  const exact = [...agents.values()].filter(({ clients }) => clients?.includes(clientId) === true);
  if (exact.length > 0) return onlyOf(exact);
  const named = agents.get(clientId);
  if (named !== undefined) return named;
  const lines = [...agents.values()].flatMap((agent) =>
    (agent.clients ?? []).filter((glob) => globMatches(glob, clientId)).map((glob) => ({ agent, length: glob.length })),
  );
  const longest = Math.max(...lines.map(({ length }) => length));
  return onlyOf(lines.filter(({ length }) => length === longest).map(({ agent }) => agent));
}

/** Whether some agent names the client, or is called so: what such a client holds is an agent's, whoever it is about. */
export const isAgentClient = (agents: ReadonlyMap<string, AgentDeclaration>, clientId: string): boolean =>
  agents.has(clientId) ||
  [...agents.values()].some(({ clients }) => clients?.some((glob) => globMatches(glob, clientId)) === true);

function onlyOf(agents: readonly AgentDeclaration[]): AgentDeclaration | null {
  const [first = null] = agents;
  return agents.every((agent) => agent === first) ? first : null;
}
