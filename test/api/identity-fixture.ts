import type { IdentityUseCases, PrincipalUseCases } from '../../src/api/index.ts';
import type { JsonObject } from '../../src/kernel/index.ts';

type Done = { use: string; request: unknown }[];

const one =
  (done: Done, use: string) =>
  async (_operator: unknown, request: unknown = {}): Promise<JsonObject> => {
    done.push({ use, request });
    return { use };
  };

const many = (done: Done, use: string) => async (operator: unknown, request?: unknown) => [
  await one(done, use)(operator, request),
];

/** What the doors for who acts ask for, noted by name; the real use cases have suites of their own. */
export function identityUseCases(done: Done): IdentityUseCases {
  return {
    operators: {
      list: many(done, 'list_operators'),
      add: one(done, 'add_operator'),
      signOut: one(done, 'sign_out_operator'),
      remove: one(done, 'remove_operator'),
    },
    agentKeys: {
      list: many(done, 'list_agent_keys'),
      create: one(done, 'create_agent_key'),
      rotate: one(done, 'rotate_agent_key'),
      end: one(done, 'end_agent_key'),
    },
    agents: {
      list: many(done, 'list_agents'),
      suspend: one(done, 'suspend_agent'),
      resume: one(done, 'resume_agent'),
    },
    signIns: {
      create: async (operator, request) => {
        await one(done, 'create_sign_in_link')(operator, request);
        return {
          url: 'https://gantry.example/oauth/sign-in/link?token=t',
          expiresAt: new Date('2026-11-21T00:05:00Z'),
        };
      },
      signOut: one(done, 'sign_out'),
    },
    localUsers: {
      list: many(done, 'list_local_users'),
      set: one(done, 'set_local_user'),
      remove: one(done, 'remove_local_user'),
    },
  };
}

export function principalUseCases(done: Done): PrincipalUseCases {
  return {
    list: many(done, 'list_principals'),
    link: one(done, 'link_principal'),
    unlink: one(done, 'unlink_principal'),
    linkByEmail: one(done, 'link_by_email'),
  };
}
