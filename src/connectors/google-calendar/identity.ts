import type { AccountIdentity } from '../contract.ts';
import { idAt, textAt } from '../kit/answer-values.ts';
import type { SessionContext } from '../kit/declared-connector.ts';

/** Addresses of people, not of organisations: there each address is an account of its own. */
const PERSONAL = new Set(['gmail.com', 'googlemail.com']);

/** The id of the primary calendar is the user's address (reference of Calendars); its domain is the Workspace. */
export async function identify({ http }: Pick<SessionContext, 'http'>): Promise<AccountIdentity> {
  const path = '/calendar/v3/calendars/primary';
  const { body } = await http({ path });
  const address = idAt(body, 'id', `GET ${path}`).toLowerCase();
  const domain = domainOf(address);
  const accountId = domain === null || PERSONAL.has(domain) ? address : domain;
  return { accountId, accountName: textAt(body, 'summary') ?? accountId, userName: address };
}

/** Null where the text is not an e-mail address. */
export function domainOf(address: string): string | null {
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1).toLowerCase();
  return at < 1 || domain === '' ? null : domain;
}
