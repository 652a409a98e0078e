import type { ApprovalRow } from '../store/index.ts';
import type { ApprovalSettings, Decider, Refusal } from './types.ts';

/** Names of people are compared as addresses of mail are. */
export const nameKey = (name: string): string => name.normalize('NFC').trim().toLowerCase();

export interface DecisionFacts {
  /** Whoever decided in this round, lower case. */
  readonly deciders: readonly string[];
  /** In whose place the decider stands now. */
  readonly standsInFor: readonly Absent[];
  /** Other names of the decider, lower case: their addresses. */
  readonly aliases: readonly string[];
}

export interface Absent {
  /** Lower case. */
  readonly name: string;
  /** Their other names, lower case. */
  readonly aliases: readonly string[];
}

export type MayDecide =
  { readonly kind: 'yes'; readonly onBehalfOf: string | null } | { readonly kind: 'no'; readonly refusal: Refusal };

const no = (code: Refusal['code'], message: string, data?: Refusal['data']): MayDecide => ({
  kind: 'no',
  refusal: { code, message, ...(data === undefined ? {} : { data }) },
});

/** Whether this human's word counts for this approval. Pure; the database refuses the same once more. */
export function mayDecide(
  approval: Pick<ApprovalRow, 'fromNames' | 'escalateTo' | 'barred' | 'state'>,
  decider: Pick<Decider, 'name' | 'role'>,
  { deciders, standsInFor, aliases }: DecisionFacts,
): MayDecide {
  if (decider.role === null) {
    return no('approval_needs_person', 'The key that several people share decides nothing.');
  }
  if (decider.role !== 'approver' && decider.role !== 'admin') {
    return no('role_required', `${decider.name} is ${decider.role}; deciding needs approver.`, { role: 'approver' });
  }
  const own = [nameKey(decider.name), ...aliases];
  if (own.some((name) => approval.barred.includes(name))) {
    return no('approval_own_request', `${decider.name} asked for this, or is kept out of it by strict four eyes.`);
  }
  if (own.some((name) => deciders.includes(name))) {
    return no('approval_same_person', `${decider.name} has decided in this round already.`);
  }
  if (approval.fromNames === null) return { kind: 'yes', onBehalfOf: null };
  const asked = [...approval.fromNames, ...(approval.state === 'escalated' ? approval.escalateTo : [])].map(nameKey);
  if (own.some((name) => asked.includes(name))) return { kind: 'yes', onBehalfOf: null };
  // Whoever may not decide, under whichever of their names, does not choose who does, either.
  const mayChoose = ({ name, aliases: others }: Absent): boolean =>
    ![name, ...others].some((each) => approval.barred.includes(each));
  const absent = standsInFor.find((each) => asked.includes(each.name) && mayChoose(each));
  if (absent !== undefined) return { kind: 'yes', onBehalfOf: absent.name };
  return no('approval_not_yours', `This is asked of ${whom(asked)}.`, { asked });
}

const whom = (names: readonly string[]): string =>
  names.length === 0 ? 'nobody: the agent has no owner who could be asked' : names.join(' or ');

/** How else somebody is called: the address that the project has for them. */
export function aliasesOf({ people }: Pick<ApprovalSettings, 'people'>, name: string): string[] {
  const key = nameKey(name);
  return [...people].flatMap(([each, { email }]) => {
    if (email === null) return [];
    if (nameKey(each) === key) return [nameKey(email)];
    return nameKey(email) === key ? [nameKey(each)] : [];
  });
}
