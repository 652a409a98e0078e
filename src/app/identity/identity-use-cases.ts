import type { IdentityUseCases } from '../../api/index.ts';
import type { Revisions } from '../project/revisions.ts';
import { createAgentKeyUseCases } from './agent-key-use-cases.ts';
import { createAgentUseCases } from './agents.ts';
import { createOperatorUseCases } from './operators.ts';
import { createLocalUsers, createSignInLinks, type SignInDeps } from './sign-ins.ts';

/** Who acts: operators, agents, the product's users. */
export function createIdentityUseCases(deps: SignInDeps & { readonly revisions: Revisions }): IdentityUseCases {
  return {
    operators: createOperatorUseCases(deps),
    agents: createAgentUseCases(deps),
    agentKeys: createAgentKeyUseCases(deps),
    signIns: createSignInLinks(deps),
    localUsers: createLocalUsers(deps),
  };
}
