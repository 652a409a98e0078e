import type { Operator } from '../../api/index.ts';
import { nameKey, type Decider } from '../../approvals/index.ts';
import { operatorRoleOf, type Db } from '../../store/index.ts';

/** Who an operator is as somebody who decides. The key that several share has no role of its own, and decides nothing. */
export async function deciderOf(db: Db, operator: Operator, decidedIn: Decider['decidedIn']): Promise<Decider> {
  const known = await db.read((tx) => operatorRoleOf(tx, nameKey(operator.name)));
  return { name: operator.name, role: operator.role ?? null, by: known === null ? 'token' : 'key', decidedIn };
}
