import { declaredConnector, parseDeclaration, type Connector } from '../../src/connectors/index.ts';
import { systemClock, systemRandom } from '../../src/kernel/index.ts';

/** A provider that is nothing but its sign-in; `part` is put into its `auth`. */
export const tokenConnector = (part = ''): Connector =>
  declaredConnector(
    parseDeclaration(
      `connector: tokens
title: Token server
api_version: v1
auth:
  login_url: null
  login_hosts: [example.com]
  authorize: /auth
  token: /token
  token_body: form
  scopes: [openid, offline_access]
  api_url: login
${part}
types: {}
rate_limits: { wait: [retry-after] }
errors:
${Array.from({ length: 12 }, (_, index) => `  - { status: ${String(400 + index)}, class: bad_request, user_action: None. }`).join('\n')}
`,
      'tokens/connector.yaml',
    ),
    { clock: systemClock, random: systemRandom },
  );
