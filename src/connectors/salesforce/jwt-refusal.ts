import { GantryError, isJsonObject, type Json } from '../../kernel/index.ts';
import { textAt } from '../kit/answer-values.ts';

/** By a part of Salesforce's `error_description`: the error word is the same for nearly all of them. */
const REFUSALS: readonly { readonly says: string; readonly reason: string; readonly fix: string }[] = [
  {
    says: "user hasn't approved this consumer",
    reason: 'user_not_approved',
    fix: 'Let an administrator pre-authorize the user: in the connected app, "Admin approved users are pre-authorized", with the user\'s profile or permission set.',
  },
  {
    says: 'audience is invalid',
    reason: 'invalid_audience',
    fix: 'Use https://login.salesforce.com, or https://test.salesforce.com for a sandbox org, as the login address.',
  },
  {
    says: 'invalid assertion',
    reason: 'invalid_assertion',
    fix: 'Upload the certificate of this private key to the connected app ("Use digital signatures") and check the consumer key.',
  },
  {
    says: 'expired',
    reason: 'expired_assertion',
    fix: 'Set the clock of this machine: an assertion lives for two minutes.',
  },
  { says: 'user does not exist', reason: 'unknown_user', fix: 'Check the user name; in sandbox orgs it has a suffix.' },
];

const REASONS_BY_ERROR = new Map(
  Object.entries({
    invalid_client_id: 'unknown_app',
    invalid_client: 'unknown_app',
    invalid_app_access: 'user_not_approved',
    inactive_user: 'inactive_user',
    inactive_org: 'inactive_org',
    invalid_grant: 'invalid_grant',
  }),
);

/** Says which of the known refusals it was; the provider's text goes no further. */
export function jwtRefusal(title: string, body: Json): GantryError {
  const error = (isJsonObject(body) ? textAt(body, 'error') : null) ?? '';
  const description = (isJsonObject(body) ? textAt(body, 'error_description') : null)?.toLowerCase() ?? '';
  const known = REFUSALS.find(({ says }) => description.includes(says));
  return new GantryError('credentials_refused', {
    message: `${title} does not sign this user in with this key.`,
    ...(known === undefined ? {} : { fix: known.fix }),
    data: { reason: known?.reason ?? REASONS_BY_ERROR.get(error) ?? 'other' },
  });
}
