import type { ApprovalPageUseCases, ApprovalUseCases, Operator } from '../../src/api/index.ts';
import { GantryError, type JsonObject } from '../../src/kernel/index.ts';

interface Done {
  readonly use: string;
  readonly request: unknown;
}

export function approvalUseCases(done: Done[]): ApprovalUseCases {
  const noted =
    (use: string) =>
    async (_operator: Operator, request: unknown): Promise<JsonObject> => {
      done.push({ use, request });
      return { use };
    };
  return {
    list: async (operator, request) => [await noted('list_approvals')(operator, request)],
    show: noted('get_approval'),
    decide: noted('decide_approval'),
    breakGlass: noted('break_glass'),
    pilots: async (operator, request) => [await noted('list_pilots')(operator, request)],
    delegations: async (operator) => [await noted('list_delegations')(operator, {})],
    delegate: noted('delegate_approvals'),
    undelegate: noted('end_delegation'),
  };
}

/** Nobody signs in here. */
export const noApprovalPage: ApprovalPageUseCases = {
  secure: false,
  signIn: () => Promise.reject(new GantryError('approval_sign_in_refused', { message: 'No such key.' })),
  signOut: async () => undefined,
  who: async () => null,
  list: async () => [],
  view: () => Promise.reject(new GantryError('approval_unknown', { message: 'None.' })),
  decide: () => Promise.reject(new GantryError('approval_unknown', { message: 'None.' })),
  viewByLink: () => Promise.reject(new GantryError('approval_link_invalid', { message: 'None.' })),
  decideByLink: () => Promise.reject(new GantryError('approval_link_invalid', { message: 'None.' })),
};
