import { globMatches } from '../manifest/index.ts';
import type { AlertRoute } from '../manifest/index.ts';
import { isAtLeast, severities, type Severity } from './topics.ts';

/** Which routes an alert takes, by name. `tenant`: slug; null: it concerns the whole installation. */
export function routesFor(
  routes: ReadonlyMap<string, AlertRoute>,
  alert: { readonly topic: string; readonly severity: string; readonly tenant: string | null },
): string[] {
  return [...routes.values()].filter((route) => takes(route, alert)).map(({ name }) => name);
}

function takes(
  { topics, tenants, severity }: AlertRoute,
  alert: { readonly topic: string; readonly severity: string; readonly tenant: string | null },
): boolean {
  if (!topics.some((glob) => globMatches(glob, alert.topic))) return false;
  if (!isAtLeast(severityOf(alert.severity), severity)) return false;
  // Whoever asked for single customers is not told of the machine room.
  const { tenant } = alert;
  return tenant === null ? tenants.includes('*') : tenants.some((glob) => globMatches(glob, tenant));
}

/** A row's; what a newer program calls otherwise is taken for the worst. */
export const severityOf = (text: string): Severity => severities.find((each) => each === text) ?? 'critical';
