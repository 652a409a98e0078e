import type { Operator } from '../../api/index.ts';
import type { Decider } from '../../approvals/index.ts';

/** Who an operator is as somebody who decides. The key that several share has no role of its own, and decides nothing. */
export function deciderOf({ name, role: own, token }: Operator, decidedIn: Decider['decidedIn']): Decider {
  const role = own ?? null;
  return token === undefined ? { name, role, by: 'key', decidedIn } : { name, role, by: 'token', token, decidedIn };
}
