import type { AlertFacts } from './facts.ts';
import { counted, problemOf, type Problem } from './problem.ts';
import type { Snapshot } from './snapshot.ts';
import { whoFixes } from './stream-problems.ts';

/** What is wrong with events that providers tell, and with those that subscribers are told. */
export function eventProblems(snapshot: Snapshot, facts: AlertFacts, tenant: string): Problem[] {
  return [
    ...inboxProblems(snapshot, tenant),
    ...lineProblems(snapshot, tenant),
    ...registrationProblems(facts, tenant),
    ...stoppedSubscriptions(snapshot, tenant),
    ...deadDeliveries(snapshot, tenant),
  ];
}

function inboxProblems({ deadInbox, connections }: Snapshot, tenant: string): Problem[] {
  return deadInbox.flatMap(({ connection, count, oldestAt }) => {
    const row = connections.find(({ id }) => id === connection);
    if (row === undefined || row.state === 'deleted') return [];
    return [
      problemOf({
        topic: 'inbox.dead',
        subject: row.slug,
        since: oldestAt,
        title: `${row.slug}: ${counted(count, 'event', 'events')} could not be taken over`,
        detail:
          'The provider told of changes that could not be read after many tries. Reading on schedule brings them later.',
        who: 'operator',
        fix: `Look at them and their causes, then try them again or drop them: gantry dead-events --tenant ${tenant} --connection ${row.slug}`,
      }),
    ];
  });
}

/** A line that has failed more than once and is not up. That of a connection which stands is not told of twice. */
function lineProblems({ lines, connections }: Snapshot, tenant: string): Problem[] {
  return lines.flatMap((line) => {
    const row = connections.find(({ id }) => id === line.connection);
    if (row === undefined || row.state !== 'working' || line.state === 'live' || line.failures < 2) return [];
    return [
      problemOf({
        topic: 'line.broken',
        subject: row.slug,
        since: line.heardAt,
        title: `${row.slug}: changes are not told as they happen`,
        detail: `The line on which the provider tells of changes does not come up${line.lastError === null ? '' : `: ${line.lastError.message}`} It is tried again by itself; meanwhile changes come with the schedule.`,
        who: line.lastError === null ? 'operator' : whoFixes(line.lastError.code),
        fix: line.lastError?.fix ?? lookAtStatus(tenant),
      }),
    ];
  });
}

const lookAtStatus = (tenant: string): string => `Look at what the provider said: gantry status --tenant ${tenant}`;

function registrationProblems({ webhooks }: AlertFacts, tenant: string): Problem[] {
  return (webhooks ?? []).map(({ slug, what, who, fix }) =>
    problemOf({
      topic: 'webhook.registration',
      subject: slug,
      since: null,
      title: `${slug}: the provider does not call us`,
      detail: `${what} Until then changes come with the schedule.`,
      who: who === 'tenant_admin' || who === 'provider' ? who : 'operator',
      fix: fix ?? lookAtStatus(tenant),
    }),
  );
}

const WHY_STOPPED: Readonly<Record<string, string>> = {
  receiver_gone: 'Its receiver answered that it is gone for good.',
  failed_long: 'Nothing could be delivered to its receiver for days.',
  grant_lost: 'Its agent is gone, or may no longer see the object, filter or fields.',
  changes_gone: 'It stood for so long that changes were removed before they were told.',
};

function stoppedSubscriptions({ subscriptions }: Snapshot, tenant: string): Problem[] {
  return subscriptions
    .filter(({ state }) => state === 'disabled')
    .map(({ id, object, agent, reason, updatedAt }) =>
      problemOf({
        topic: 'subscription.stopped',
        subject: String(id),
        since: updatedAt,
        title: `Subscription ${String(id)} (${object}, for ${agent}) is switched off`,
        detail: `${WHY_STOPPED[reason ?? ''] ?? 'It stopped by itself.'} Its receiver is told of no changes.`,
        who: 'operator',
        fix: `Put that right; for up to 14 days it goes on where it stopped: gantry subscription resume ${String(id)} --tenant ${tenant}`,
      }),
    );
}

function deadDeliveries({ deadDeliveries: dead, subscriptions }: Snapshot, tenant: string): Problem[] {
  return dead.flatMap(({ subscription, count, oldestAt }) => {
    const row = subscriptions.find(({ id }) => id === subscription);
    // One that is switched off is told of as that.
    if (row === undefined || row.state === 'disabled') return [];
    return [
      problemOf({
        topic: 'subscription.dead',
        subject: String(subscription),
        since: oldestAt,
        title: `Subscription ${String(subscription)} (${row.object}): ${counted(count, 'event was', 'events were')} given up`,
        detail: 'The receiver did not take them for three days. They can be sent again for 14 days.',
        who: 'operator',
        fix: `Look why: gantry subscription deliveries ${String(subscription)} --tenant ${tenant} --state dead; then send them again: gantry subscription replay ${String(subscription)} --tenant ${tenant}`,
      }),
    ];
  });
}
