import { limits } from '../kernel/index.ts';

/** `info`: to know. `warning`: somebody should look at it these days. `critical`: data stands still, or is at risk. */
export type Severity = 'info' | 'warning' | 'critical';

export const severities: readonly Severity[] = ['info', 'warning', 'critical'];

export const isAtLeast = (severity: Severity, least: Severity): boolean =>
  severities.indexOf(severity) >= severities.indexOf(least);

/** Who can put it right: the customer's administrator, whoever runs Gantry, the product team, the provider. */
export type WhoFixes = 'tenant_admin' | 'operator' | 'product_team' | 'provider';

export interface TopicSpec {
  /** A problem may be more or less than usual; then it says so. */
  readonly severity: Severity;
  /** It opens when it has lasted for so long. */
  readonly afterMs: number;
  /** For docs/alerts.md. */
  readonly meaning: string;
}

const NOW = 0;
const MINUTE = 60_000;
const DAY = 24 * 3_600_000;

const topicTable = {
  'connection.sign_in': {
    severity: 'critical',
    afterMs: NOW,
    meaning: 'the provider no longer accepts the sign-in',
  },
  'connection.degraded': {
    severity: 'warning',
    afterMs: limits.alertFailingMs,
    meaning: 'calls fail: limits, outages',
  },
  'connection.paused': { severity: 'warning', afterMs: limits.alertPausedMs, meaning: 'a pause that nobody ended' },
  'connection.sign_in_ends': {
    severity: 'warning',
    afterMs: NOW,
    meaning: 'a sign-in that only a person can renew ends within 14 days; critical from 3 days on',
  },
  'sync.failing': { severity: 'warning', afterMs: limits.alertFailingMs, meaning: 'an object cannot be read' },
  'sync.overdue': {
    severity: 'critical',
    afterMs: limits.alertOverdueMs,
    meaning: 'an object was due and no worker read it',
  },
  'sync.paused': {
    severity: 'warning',
    afterMs: limits.alertPausedMs,
    meaning: 'a pause of one object that nobody ended',
  },
  'sync.cursor_expired': {
    severity: 'warning',
    afterMs: NOW,
    meaning: 'the provider no longer knew the place where reading stopped; until all is read again',
  },
  'sync.deletions_held': { severity: 'warning', afterMs: NOW, meaning: 'deletions wait for somebody to look' },
  'sync.dead_letters': {
    severity: 'warning',
    afterMs: NOW,
    meaning: 'records or pages that could not be read were set aside',
  },
  'sync.quarantine': {
    severity: 'warning',
    afterMs: NOW,
    meaning: "values that did not fit their field's type were set aside",
  },
  'access.disagreement': {
    severity: 'critical',
    afterMs: NOW,
    meaning: 'a provider shows users less than was worked out; nothing of it is shown before it is read again',
  },
  'access.failing': {
    severity: 'warning',
    afterMs: limits.alertFailingMs,
    meaning: "users' rights cannot be read, so that soon nothing is shown to agents that act for them",
  },
  'mapping.broken': {
    severity: 'warning',
    afterMs: 10 * MINUTE,
    meaning: 'a model maps what the customer does not have, or not any more',
  },
  'overlay.stale': {
    severity: 'critical',
    afterMs: NOW,
    meaning: "the tenant's overlay does not fit the project: it is closed",
  },
  'inbox.dead': { severity: 'warning', afterMs: NOW, meaning: 'events that a provider told could not be taken over' },
  'webhook.registration': {
    severity: 'warning',
    afterMs: limits.alertFailingMs,
    meaning: 'a provider does not accept that it should call us',
  },
  'line.broken': {
    severity: 'warning',
    afterMs: limits.alertFailingMs,
    meaning: 'a line of events does not come up',
  },
  'subscription.stopped': { severity: 'critical', afterMs: NOW, meaning: 'a subscription was switched off' },
  'subscription.dead': { severity: 'warning', afterMs: NOW, meaning: 'deliveries to a subscriber were given up' },
  'switch.thrown': {
    severity: 'critical',
    afterMs: NOW,
    meaning: 'somebody, or a trigger, stopped writes or calls, and nobody has lifted it',
  },
  'write.not_taken_back': {
    severity: 'critical',
    afterMs: NOW,
    meaning: 'a step of a plan failed, and what was written before could not all be taken back; a person has to look',
  },
  'budget.running_out': {
    severity: 'warning',
    afterMs: 5 * MINUTE,
    meaning: 'calls run out before they are given anew, of limits by the hour and longer',
  },
  'vault.unreadable': {
    severity: 'critical',
    afterMs: NOW,
    meaning: 'secrets are sealed under a key that is not here',
  },
  'vault.other_key': { severity: 'info', afterMs: DAY, meaning: 'an exchange of the master key is not finished' },
  'installation.schema_newer': {
    severity: 'info',
    afterMs: DAY,
    meaning: 'a newer program brought the database further than this one knows',
  },
  'installation.not_durable': {
    severity: 'warning',
    afterMs: NOW,
    meaning: 'the database may lose what was committed',
  },
  'installation.not_archived': {
    severity: 'info',
    afterMs: DAY,
    meaning: 'the database cannot be restored to a moment',
  },
} as const satisfies Readonly<Record<string, TopicSpec>>;

export type Topic = keyof typeof topicTable;

/** Everything that people are told of. Names are never reused. */
export const topics: Readonly<Record<Topic, TopicSpec>> = topicTable;

export const topicNames = Object.keys(topicTable) as readonly Topic[];

export const isTopic = (name: string): name is Topic => Object.hasOwn(topicTable, name);
