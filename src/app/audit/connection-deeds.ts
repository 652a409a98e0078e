import { changeEntry, type AppendAudit } from '../../audit/index.ts';
import type { ConnectionDeed, ConnectionDeps } from '../../connection/index.ts';

/** Who connected, paused, resumed, revoked or deleted a connection, for the audit. */
export function keepConnectionDeeds(append: AppendAudit): NonNullable<ConnectionDeps['changed']> {
  return (tx, tenant, deed) => append(tx, tenant, [changeEntry(changeOf(deed))]);
}

function changeOf({ slug, by, event, from, note, account }: ConnectionDeed) {
  return {
    by,
    connection: slug,
    what: `connection ${slug}: ${words[event] ?? event.replaceAll('_', ' ')}`,
    before: from,
    after: { event, ...(account === null ? {} : { account }) },
    reason: note,
  };
}

const words: Partial<Record<ConnectionDeed['event'], string>> = {
  consent_given: 'somebody signed in',
  resumed_ended: 'resumed, and to be signed in again',
};
