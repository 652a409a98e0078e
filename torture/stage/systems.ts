import { createHash, randomBytes } from 'node:crypto';
import { adminOf, startSandbox, type RunningSandboxProcess } from '../../sandbox/client/index.ts';
import { startProxy, type ProxyProcess } from './proxy-process.ts';

export type Provider = 'salesforce' | 'zendesk' | 'odoo' | 'google_calendar';

/** Which customer has which system, and what of it is compared. */
export interface SystemPlan {
  readonly tenant: string;
  readonly integration: string;
  readonly provider: Provider;
}

export const systemPlans: readonly SystemPlan[] = [
  { tenant: 'acme', integration: 'crm', provider: 'salesforce' },
  { tenant: 'acme', integration: 'support', provider: 'zendesk' },
  { tenant: 'globex', integration: 'erp', provider: 'odoo' },
  { tenant: 'globex', integration: 'calendar', provider: 'google_calendar' },
];

export interface System extends SystemPlan {
  readonly sandbox: RunningSandboxProcess;
  readonly proxy: ProxyProcess;
}

/** A provider with a line of its own in front that can misbehave. */
export async function startSystem(
  plan: SystemPlan,
  options: {
    readonly proxy: string;
    readonly seed: number;
    readonly scale: number;
    readonly redirectUri: string;
    /** File with the public key of the app. */
    readonly certificate: string;
  },
): Promise<System> {
  const { seed, scale, redirectUri } = options;
  const certificate = plan.provider === 'salesforce' ? { certificate: options.certificate } : {};
  const company = plan.tenant === 'globex' ? 'globex' : 'acme';
  const sandbox = await startSandbox(plan.provider, {
    seed,
    scale,
    company,
    redirectUris: [redirectUri],
    ...certificate,
  });
  if (plan.provider === 'zendesk') {
    await sandbox.control('POST', 'limits', { perMinute: 1_000_000, incrementalPerMinute: 1_000_000 });
  }
  if (plan.provider === 'odoo') await sandbox.control('POST', 'schema', { object: 'crm.lead', add: KEY_FIELD });
  const proxy = await startProxy([options.proxy], sandbox.url, seed + plan.integration.length);
  return { ...plan, sandbox, proxy };
}

/** Of leads, not of partners: a new lead is known again by it, a new partner by nothing. */
const KEY_FIELD = { name: 'x_gantry_key', ttype: 'char', field_description: 'Gantry key' };

/** How Gantry is told of it: by the address of the line in front. */
export function environmentOf({ integration, sandbox, proxy }: System): Record<string, string> {
  const prefix = `GANTRY_APP_${integration.toUpperCase()}`;
  const app = sandbox.health.oauth;
  const { pubsub } = sandbox.health.details;
  return {
    [`${prefix}_LOGIN_URL`]: proxy.url,
    // Its line of events is gRPC, which the line in front does not speak: it goes there directly.
    ...(pubsub === undefined ? {} : { [`${prefix}_EVENTS_URL`]: `http://${pubsub}` }),
    ...(app === null ? {} : { [`${prefix}_CLIENT_ID`]: app.clientId, [`${prefix}_CLIENT_SECRET`]: app.clientSecret }),
  };
}

/** What an administrator of Odoo enters. */
export function odooValues({ sandbox, proxy }: System): Record<string, string> {
  const admin = adminOf(sandbox);
  return {
    url: proxy.url,
    database: sandbox.health.details['database'] ?? '',
    login: admin.username,
    api_key: admin.apiKey ?? '',
  };
}

export function pkce(): { readonly verifier: string; readonly challenge: string } {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}
