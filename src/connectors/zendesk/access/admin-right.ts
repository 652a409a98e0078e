import type { AdminRight } from '../../contract.ts';
import { textAt } from '../../kit/answer-values.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';

/** The user's own role: `end-user`, `agent` or `admin` (Zendesk API reference, "Users", JSON format). */
export async function adminRight({ http }: Pick<SessionContext, 'http'>): Promise<AdminRight> {
  const { body } = await http({ path: '/api/v2/users/me.json' });
  const role = textAt(body, 'user.role');
  if (role === null || role === undefined) return { kind: 'untold' };
  return role === 'admin' ? { kind: 'admin', right: 'role admin' } : { kind: 'none' };
}
