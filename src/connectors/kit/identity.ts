import { GantryError } from '../../kernel/index.ts';
import type { AccountIdentity } from '../contract.ts';
import { textAt } from './answer-values.ts';
import type { SessionContext } from './declared-connector.ts';
import { fillTemplate } from './value-path.ts';

const REFUSALS = new Set(['upstream_forbidden', 'upstream_object_missing', 'upstream_refused']);

/** Asks the declared steps in order; the first that knows a part of the identity decides it. */
export async function identify({ declaration, http, access }: SessionContext): Promise<AccountIdentity> {
  const known: { -readonly [Part in keyof AccountIdentity]?: string | undefined } = {};
  for (const step of declaration.identity) {
    const path = fillTemplate(step.path, { version: declaration.api_version });
    try {
      const { body } = await http({ path, query: step.query });
      const at = (valuePath: string | undefined): string | undefined =>
        valuePath === undefined ? undefined : (textAt(body, valuePath) ?? undefined);
      known.accountId ??= at(step.account_id);
      known.accountName ??= at(step.account_name);
      known.userName ??= at(step.user_name);
    } catch (error) {
      if (!step.optional || !(error instanceof GantryError) || !REFUSALS.has(error.code)) throw error;
    }
  }
  // Where each customer has an address of its own, its first label is the account's name (acme.zendesk.com).
  if (declaration.auth?.login_url === null) known.accountId ??= new URL(access.apiUrl).hostname.split('.')[0];
  if (known.accountId === undefined) {
    throw new GantryError('upstream_malformed', {
      message: `${declaration.title} did not say whose account this is.`,
      data: { class: 'malformed_response' },
    });
  }
  return {
    accountId: known.accountId,
    accountName: known.accountName ?? known.accountId,
    userName: known.userName ?? 'unknown',
  };
}
