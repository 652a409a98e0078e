import type { AccountIdentity } from '../contract.ts';
import { textAt } from '../kit/answer-values.ts';
import type { SessionContext } from '../kit/declared-connector.ts';
import { odooCall, odooFacts, rowsOf } from './call.ts';
import { displayName } from './native-record.ts';

/**
 * The database is the account, by its server's name and its own: the unique id
 * that Odoo keeps of it (`database.uuid`) is for administrators only, and an
 * identity that depends on rights would change with them. Users may read
 * themselves.
 */
export async function identify(context: SessionContext): Promise<AccountIdentity> {
  const { database, uid } = await odooFacts(context);
  const accountId = `${new URL(context.access.apiUrl).hostname}/${database}`;
  const users = await odooCall(context, 'res.users', 'search_read', {
    domain: [['id', '=', uid]],
    fields: ['login', 'company_id'],
    order: 'id',
    limit: 1,
  });
  const [user = {}] = rowsOf(users, 'res.users');
  return {
    accountId,
    accountName: displayName(user['company_id']) ?? database,
    userName: textAt(user, 'login') ?? 'unknown',
  };
}
