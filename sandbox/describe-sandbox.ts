import type { SandboxHealth } from './kit/index.ts';

/** The usual names of the integrations, which are part of Gantry's variables. */
const integrations: Readonly<Record<string, { readonly title: string; readonly integration: string }>> = {
  salesforce: { title: 'Salesforce', integration: 'crm' },
  zendesk: { title: 'Zendesk', integration: 'support' },
  google_calendar: { title: 'Google Calendar', integration: 'calendar' },
  odoo: { title: 'Odoo', integration: 'erp' },
};

type Row = readonly [name: string, value: string];

/** What a person needs to sign in to a running sandbox and to point Gantry at it. */
export function describeSandbox(health: SandboxHealth): string {
  const { provider, url, oauth, users } = health;
  const { title, integration } = integrations[provider] ?? { title: provider, integration: provider };
  const active = users.filter((user) => user.active);
  const login = (role: string): readonly Row[] => {
    const user = active.find((each) => each.role === role);
    if (user === undefined) return [[role, 'none']];
    const key: readonly Row[] = user.apiKey === undefined ? [] : [[`${role}'s key`, user.apiKey]];
    return [[role, `${user.username}  password ${user.password}`], ...key];
  };
  const rows: readonly Row[] = [
    ['address', url],
    ...Object.entries(health.details),
    ...login('admin'),
    ...login('user'),
    ...(oauth === null ? [] : appRows(oauth)),
  ];
  const customer = health.company === 'acme' ? 'a made-up customer' : `the made-up customer ${health.company}`;
  return [
    `${title} sandbox: ${health.scale} records of ${customer}, seed ${health.seed}, begun on ${health.anchor.slice(0, 10)}.`,
    '',
    ...rows.map(([name, value]) => `  ${name.padEnd(15)}${value}`),
    '',
    ...(oauth === null
      ? ['There is no OAuth app to configure: connect with the address, the database and a login with its key.']
      : pointingAt(oauth, url, integration)),
    'Ctrl+C ends the sandbox; --json prints all of this and every login as one line.',
    '',
  ].join('\n');
}

type App = NonNullable<SandboxHealth['oauth']>;

function appRows(app: App): readonly Row[] {
  return [
    ['client id', app.clientId],
    ['client secret', app.clientSecret],
    ...app.redirectUris.map((uri, index): Row => [index === 0 ? 'redirects' : '', uri]),
  ];
}

function pointingAt(app: App, url: string, integration: string): readonly string[] {
  const variable = `GANTRY_APP_${integration.toUpperCase()}`;
  return [
    `To point Gantry at it, for an integration named ${integration}, set before \`gantry serve\`:`,
    '',
    `  export ${variable}_CLIENT_ID=${app.clientId}`,
    `  export ${variable}_CLIENT_SECRET=${app.clientSecret}`,
    `  export ${variable}_LOGIN_URL=${url}`,
    '',
    "Gantry's callback address must be among the redirects; name another with --redirect-uri.",
  ];
}
