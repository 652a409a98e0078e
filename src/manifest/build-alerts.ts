import { limits, suggest } from '../kernel/index.ts';
import { secondsIn } from './ages.ts';
import type { DocumentPath, Reporter } from './document.ts';
import { globMatches } from './glob.ts';
import type { RawAlerts } from './shapes/project-shape.ts';
import type { AlertRoute, AlertSettings } from './alert-types.ts';

export interface AlertContext {
  /** Absent: topics are not checked. */
  readonly topics: readonly string[] | null;
  readonly report: Reporter;
}

/** Who is told when something is wrong. A glob that no topic fits would never tell anybody: it is a mistake. */
export function buildAlerts(raw: RawAlerts, context: AlertContext): AlertSettings {
  const entries = Object.entries(raw.routes ?? {});
  if (entries.length > limits.alertRoutesMax) {
    context.report({
      code: 'manifest_value_invalid',
      path: ['alerts', 'routes'],
      message: `There are ${String(entries.length)} routes; at most ${String(limits.alertRoutesMax)} are taken.`,
    });
  }
  const routes = new Map<string, AlertRoute>();
  for (const [name, { topics = ['*'], tenants = ['*'], severity = 'warning', to }] of entries) {
    checkTopics(topics, ['alerts', 'routes', name, 'topics'], context);
    routes.set(name, {
      name,
      topics,
      tenants,
      severity,
      to: typeof to === 'string' ? { kind: to } : { kind: 'email', addresses: to.email },
    });
  }
  return { remindMs: remindMs(raw.remind), routes };
}

function remindMs(text: string | undefined): number | null {
  if (text === undefined) return limits.alertRemindMs;
  return text === 'never' ? null : secondsIn(text) * 1_000;
}

function checkTopics(globs: readonly string[], path: DocumentPath, { topics, report }: AlertContext): void {
  if (topics === null) return;
  for (const [index, glob] of globs.entries()) {
    if (topics.some((topic) => globMatches(glob, topic))) continue;
    report({
      code: 'manifest_value_invalid',
      path: [...path, index],
      message: `There is no topic \`${glob}\`.`,
      fix: 'Use a topic of docs/alerts.md, or a glob over them such as `sync.*`.',
      suggestions: suggest(glob, topics),
    });
  }
}
