import { limits, type TenantId } from '../kernel/index.ts';
import type { AlertSettings } from '../manifest/index.ts';
import {
  addAlert,
  addNotice,
  countPastAlerts,
  dropAlert,
  holdAlertTurn,
  keepAlert,
  lockPresentAlerts,
  moveNotice,
  noticesOf,
  pruneAlerts,
  type AlertRow,
  type NoticeRow,
  type Tx,
} from '../store/index.ts';
import type { AlertDeps } from './deps.ts';
import type { AlertLogEvent } from './events.ts';
import { untoldTopics, type AlertFacts, type InstallationFacts } from './facts.ts';
import { INSTALLATION } from './installation-tenant.ts';
import { mayBeKnown } from './notice.ts';
import type { Problem } from './problem.ts';
import { installationProblems, problemsOf } from './problems-of.ts';
import { routesFor } from './routes.ts';
import { readSnapshot } from './snapshot.ts';
import { nextMoment, stepsFor, type Step } from './steps.ts';
import type { Topic } from './topics.ts';

/** When the tenant is to be looked at again; null: the turn is somebody else's, and nothing was kept. */
export type LookEnd = { readonly next: Date } | null;

/**
 * Compares what is wrong with a tenant with what people were told, in one
 * transaction: alerts, and a message for each route that has not got it, are
 * there together or not at all.
 */
export async function lookAt(deps: AlertDeps, worker: string, tenant: TenantId): Promise<LookEnd> {
  const isTenant = tenant !== INSTALLATION;
  const known: Known = {
    tenant,
    settings: await deps.settings(),
    source: isTenant
      ? { kind: 'tenant', slug: await deps.slugOf(tenant), facts: await deps.factsOf(tenant) }
      : { kind: 'installation', slug: null, facts: await deps.installation() },
  };
  const told: AlertLogEvent[] = [];
  const end = await deps.db.tenantTx(
    tenant,
    async (tx) => {
      if (!(await holdAlertTurn(tx, tenant, { worker, leaseMs: deps.leaseMs ?? limits.alertLeaseMs }))) return null;
      return look(tx, known, told);
    },
    'alerts.look',
  );
  for (const each of told) deps.onEvent(each);
  return end;
}

interface Known {
  readonly tenant: TenantId;
  readonly settings: AlertSettings;
  readonly source:
    | { readonly kind: 'tenant'; readonly slug: string; readonly facts: AlertFacts }
    | { readonly kind: 'installation'; readonly slug: null; readonly facts: InstallationFacts };
}

async function look(tx: Tx, known: Known, told: AlertLogEvent[]): Promise<LookEnd> {
  const { tenant, settings, source } = known;
  const present = await lockPresentAlerts(tx, tenant);
  const keys = new Set(present.map(({ key }) => key));
  const problems: readonly Problem[] =
    source.kind === 'tenant'
      ? problemsOf(await readSnapshot(tx, tenant, keys), source.facts, source.slug)
      : installationProblems(source.facts);
  const past = await countPastAlerts(tx, tenant, new Date(tx.now.getTime() - limits.alertRecentMs));
  const untold: ReadonlySet<Topic> = source.kind === 'tenant' ? untoldTopics(source.facts) : new Set();
  const steps = stepsFor(present, problems, { now: tx.now, remindMs: settings.remindMs, past, untold });
  const rows: AlertRow[] = present.filter(({ key }) => !problems.some((each) => each.key === key));
  const touched = new Map(rows.map((row) => [row.id, row]));
  for (const step of steps) {
    const row = await take(tx, tenant, step, told);
    if (row !== null) touched.set(row.id, row);
    else if (step.kind === 'drop') touched.delete(step.id);
  }
  const now = [...touched.values()];
  await tell(tx, known, now, steps);
  await pruneAlerts(tx, tenant, new Date(tx.now.getTime() - limits.alertKeepMs), limits.pruneBatchMax);
  const latest = tx.now.getTime() + limits.alertLookMs;
  const soonest = nextMoment(now, past)?.getTime() ?? latest;
  return { next: new Date(Math.min(latest, Math.max(soonest, tx.now.getTime() + limits.alertPollMs))) };
}

async function take(tx: Tx, tenant: TenantId, step: Step, told: AlertLogEvent[]): Promise<AlertRow | null> {
  if (step.kind === 'drop') {
    await dropAlert(tx, tenant, step.id);
    return null;
  }
  if (step.kind === 'keep') {
    const { row } = step;
    await keepAlert(tx, tenant, row);
    if (step.told === 'resolved') told.push({ kind: 'alert_resolved', tenant, topic: row.topic });
    if (row.openedAt?.getTime() === tx.now.getTime()) told.push(openedEvent(tenant, row));
    return row;
  }
  const id = await addAlert(tx, tenant, step.row);
  if (step.row.openedAt !== null) told.push(openedEvent(tenant, step.row));
  return { ...step.row, id, goneAt: null, resolvedAt: null, reminders: 0, acknowledged: null };
}

const openedEvent = (tenant: TenantId, { topic, severity }: Pick<AlertRow, 'topic' | 'severity'>): AlertLogEvent => ({
  kind: 'alert_opened',
  tenant,
  topic,
  severity,
});

/**
 * A message for each route that is to have it and has not. Asked of all open
 * alerts at each look, so that a new route learns of what is open, and one
 * that was added by a process with older settings is made up for.
 */
async function tell(
  tx: Tx,
  { tenant, settings, source }: Known,
  rows: readonly AlertRow[],
  steps: readonly Step[],
): Promise<void> {
  const opened = rows.filter(({ openedAt }) => openedAt !== null);
  const notices = await noticesOf(
    tx,
    tenant,
    opened.map(({ id }) => id),
  );
  const toldOf = new Map(steps.flatMap((step) => (step.kind === 'keep' ? [[step.row.id, step.told] as const] : [])));
  for (const row of opened) {
    const own = notices.filter(({ alert }) => alert === row.id);
    const what = toldOf.get(row.id) ?? null;
    if (what === 'resolved') await tellResolved(tx, tenant, row, own);
    if (row.state !== 'open' || row.acknowledged !== null) continue;
    for (const route of routesFor(settings.routes, { ...row, tenant: source.slug })) {
      const first = own.find((notice) => notice.route === route && notice.kind === 'opened');
      if (first === undefined) await addNotice(tx, tenant, { alert: row.id, route, kind: 'opened', number: 0 });
      else if (what === 'reminder' && first.state === 'sent')
        await addNotice(tx, tenant, { alert: row.id, route, kind: 'reminder', number: row.reminders });
    }
  }
}

/** Whoever may know of it learns that it is over; what was not said yet is not said any more. */
async function tellResolved(tx: Tx, tenant: TenantId, { id }: AlertRow, own: readonly NoticeRow[]): Promise<void> {
  for (const notice of own) {
    const neverTried = notice.state === 'due' && notice.attempts === 0;
    const isReminder = notice.kind === 'reminder' && notice.state === 'due';
    if (!neverTried && !isReminder) continue;
    const { dueAt } = notice;
    await moveNotice(tx, tenant, notice, { state: 'dropped', dueAt, cause: 'resolved_before', endedAt: tx.now });
  }
  for (const { route } of own.filter((notice) => notice.kind === 'opened' && mayBeKnown(notice))) {
    await addNotice(tx, tenant, { alert: id, route, kind: 'resolved', number: 0 });
  }
}
