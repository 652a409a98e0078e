import {
  declaredConnector,
  parseDeclaration,
  type Connector,
  type ProviderAccess,
} from '../../src/connectors/index.ts';
import { systemClock, systemRandom } from '../../src/kernel/index.ts';

/** A provider that is only its ways in and one call: `GET /me?b=2&a=1` names the account. */
export const authConnector = (credentials: string): Connector =>
  declaredConnector(
    parseDeclaration(
      `connector: ways
title: Ways
api_version: v1
credentials:
${credentials}
identity:
  - { path: /me, query: { b: '2 x', a: '1' }, account_id: account, account_name: account, user_name: user }
types: {}
rate_limits: { wait: [retry-after] }
errors:
  - { status: 401, class: auth_invalidated, user_action: Sign in again. }
${Array.from({ length: 11 }, (_, index) => `  - { status: ${String(402 + index)}, class: bad_request, user_action: None. }`).join('\n')}
`,
      'ways/connector.yaml',
    ),
    { clock: systemClock, random: systemRandom },
  );

/** Signed in by `name`; renewals sign in again, as src/connection would. */
export async function accessBy(
  connector: Connector,
  name: string,
  values: Readonly<Record<string, string>>,
): Promise<ProviderAccess & { readonly signIns: () => number }> {
  const method = connector.credentials.find((each) => each.name === name);
  if (method === undefined) throw new Error(`no way in named ${name}`);
  let tokens = await method.signIn(null, values);
  let generation = 1;
  const token = () => ({
    accessToken: tokens.accessToken,
    generation,
    ...(tokens.context === undefined ? {} : { context: tokens.context }),
  });
  return {
    apiUrl: tokens.apiUrl,
    token: async () => token(),
    renew: async () => {
      tokens = await method.signIn(null, values);
      generation += 1;
      return token();
    },
    signIns: () => generation,
  };
}
