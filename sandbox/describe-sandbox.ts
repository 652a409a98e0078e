import type { SandboxHealth } from './kit/index.ts';

/** The usual names of the integrations, which are part of Gantry's variables. */
const integrations: Readonly<Record<string, { readonly title: string; readonly integration: string }>> = {
  salesforce: { title: 'Salesforce', integration: 'crm' },
  zendesk: { title: 'Zendesk', integration: 'support' },
};

/** What a person needs to sign in to a running sandbox and to point Gantry at it. */
export function describeSandbox(health: SandboxHealth): string {
  const { provider, url, oauth, users } = health;
  const { title, integration } = integrations[provider] ?? { title: provider, integration: provider };
  const variable = `GANTRY_APP_${integration.toUpperCase()}`;
  const active = users.filter((user) => user.active);
  const login = (role: string): string => {
    const user = active.find((each) => each.role === role);
    return user === undefined ? 'none' : `${user.username}  password ${user.password}`;
  };
  const rows: readonly (readonly [string, string])[] = [
    ['address', url],
    ['admin', login('admin')],
    ['user', login('user')],
    ['client id', oauth.clientId],
    ['client secret', oauth.clientSecret],
    ...oauth.redirectUris.map((uri, index) => [index === 0 ? 'redirects' : '', uri] as const),
  ];
  return [
    `${title} sandbox: ${health.scale} records of a made-up customer, seed ${health.seed}, begun on ${health.anchor.slice(0, 10)}.`,
    '',
    ...rows.map(([name, value]) => `  ${name.padEnd(15)}${value}`),
    '',
    `To point Gantry at it, for an integration named ${integration}, set before \`gantry serve\`:`,
    '',
    `  export ${variable}_CLIENT_ID=${oauth.clientId}`,
    `  export ${variable}_CLIENT_SECRET=${oauth.clientSecret}`,
    `  export ${variable}_LOGIN_URL=${url}`,
    '',
    "Gantry's callback address must be among the redirects; name another with --redirect-uri.",
    'Ctrl+C ends the sandbox; --json prints all of this and every login as one line.',
    '',
  ].join('\n');
}
