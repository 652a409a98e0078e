import type { EventBatch, ProviderEvent } from '../../contract.ts';
import { timeIn } from '../../kit/webhook-body.ts';
import type { ChangeHeader } from './change-header.ts';

/** What one event of an object's topic says. Null: it could not be read. */
export interface ReceivedEvent {
  readonly id: string;
  readonly header: ChangeHeader | null;
}

/**
 * Events as the inbox takes them: one for each record that a change event
 * names, several of which may have been merged into it. Deletions are positive
 * evidence. Where Salesforce lost track of records (overflow, `001*` for all of
 * an object), or an event cannot be read, the object's stream is read instead.
 * Change Data Capture guide: "Change Event Header Fields", "Gap Events",
 * "Overflow Events", "Merged Change Events".
 */
export function readChanges(object: string, received: readonly ReceivedEvent[]): Pick<EventBatch, 'events' | 'gaps'> {
  const events: ProviderEvent[] = [];
  let gap = false;
  for (const { id, header } of received) {
    const what = header === null ? null : whatOf(header.changeType);
    const named = header?.recordIds ?? [];
    // The field may name a parent's object where that is what changed.
    const isOurs = header !== null && header.entityName === object;
    if (header === null || what === null || !isOurs || named.length === 0 || !named.every(isRecordId)) {
      gap = true;
      continue;
    }
    for (const recordId of named) {
      events.push({
        id: `${id.slice(0, 100)}/${recordId}`,
        object,
        recordId,
        what,
        at: timeIn(header.commitTimestamp),
      });
    }
  }
  return { events, gaps: gap ? [object] : [] };
}

const CHANGES: Readonly<Record<string, ProviderEvent['what']>> = {
  CREATE: 'changed',
  UPDATE: 'changed',
  UNDELETE: 'changed',
  DELETE: 'deleted',
  GAP_CREATE: 'changed',
  GAP_UPDATE: 'changed',
  GAP_UNDELETE: 'changed',
  GAP_DELETE: 'deleted',
};

/** Null for an overflow, and for what the vendor may add. */
function whatOf(changeType: string): ProviderEvent['what'] | null {
  return Object.hasOwn(CHANGES, changeType) ? (CHANGES[changeType] ?? null) : null;
}

/** 000000000000000AAA stands for no record, `001*` for all of an object. */
const isRecordId = (id: string): boolean => /^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$/.test(id) && !id.startsWith('000');
