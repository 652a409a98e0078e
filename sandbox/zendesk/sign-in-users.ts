import type { SandboxUser } from '../kit/index.ts';
import type { Account } from './account.ts';
import { agentId } from './ids.ts';

/** Everybody with a password: the same people as in the CRM, and whom the control API added. User 0 is the account's admin. */
export function signInUsers(account: Account): readonly SandboxUser[] {
  const { domain } = account.world.company;
  return account.enrolled().flatMap((id, index) => {
    const body = account.records.users.get(id)?.body;
    if (body === undefined) return [];
    const ofWorld = index < account.world.counts.users && id === agentId(index);
    return [
      {
        username: !ofWorld ? String(body['email']) : index === 0 ? `admin@${domain}` : `user${index}@${domain}`,
        password: index === 0 ? 'admin-sandbox' : `sandbox-${index}`,
        id: String(id),
        name: String(body['name']),
        role: body['role'] === 'admin' ? 'admin' : 'user',
        active: body['active'] === true && body['suspended'] !== true,
      },
    ];
  });
}
