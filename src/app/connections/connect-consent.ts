import type { ConnectConsent } from '../../api/index.ts';
import type { Integration, Manifest } from '../../manifest/index.ts';
import type { Targets } from '../sync/targets.ts';
import { signInScopes } from './sign-in-scopes.ts';

type WaysIn = Pick<ConnectConsent, 'system' | 'browser' | 'methods' | 'scopes' | 'formTargets'>;

/** The ways to sign in that are set up here, and where their forms lead. */
export function waysIn(targets: Targets, integration: Integration): WaysIn {
  const { name, connector: provider } = integration;
  const { connector, app } = targets.connector(name, provider);
  const { oauth } = connector;
  const methods = connector.credentials.map(({ name: way, title, fields }) => ({ name: way, title, fields }));
  const system = connector.title;
  if (oauth === null || app === null) return { system, browser: null, methods, scopes: [], formTargets: [] };
  const own = URL.canParse(app.loginUrl) ? [new URL(app.loginUrl).origin] : [];
  return {
    system,
    browser: { addressNeeded: app.loginUrl === '', example: `https://${exampleHost(oauth.loginHosts)}` },
    methods,
    scopes: [...oauth.scopes, ...signInScopes(connector, integration)],
    formTargets: [...new Set([...own, ...oauth.loginHosts.map((host) => `https://${host}`)])],
  };
}

const exampleHost = (hosts: readonly string[]): string =>
  (hosts.find((host) => host.startsWith('*.')) ?? hosts[0] ?? '').replace('*', 'your-company');

/** What the product wants from the system, as a person is told. */
export function scopeOf(
  manifest: Manifest,
  integration: Integration,
): Pick<ConnectConsent, 'reads' | 'alsoReads' | 'writes'> {
  const reads = [...integration.objects.values()].map(({ from, model, sync }) => ({
    title: (model === null ? undefined : manifest.models.get(model)?.title) ?? from,
    native: from,
    everyS: sync.everyS,
    days: sync.backfillDays,
  }));
  const writes = integration.mode === 'read_only' ? [] : integration.scope.write;
  return { reads, alsoReads: integration.alsoSync, writes };
}
