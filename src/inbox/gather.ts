import { limits } from '../kernel/index.ts';
import { keepEvents, noteHeard, type Db, type InboxKey, type NewInboxEvent } from '../store/index.ts';

/** Resolves when the events are durable; rejects when they are not. */
export type Keep = (key: InboxKey, events: readonly NewInboxEvent[]) => Promise<void>;

/**
 * Keeps events in as few transactions as come: what arrives while one commits
 * goes into the next together. A burst costs a commit per round trip to the
 * disk, not per delivery; each delivery is still answered after its own commit.
 */
export function gatherEvents(db: Db): Keep {
  const open = new Map<string, Batch>();
  const busy = new Map<string, Promise<void>>();
  const heard = new Map<string, number>();

  const run = async (name: string, key: InboxKey): Promise<void> => {
    for (let batch = open.get(name); batch !== undefined; batch = open.get(name)) {
      open.delete(name);
      const isHeard = (now: Date): boolean => {
        const isSoon = now.getTime() - (heard.get(name) ?? 0) < limits.webhookHeardEveryMs;
        if (!isSoon) heard.set(name, now.getTime());
        return isSoon;
      };
      await keep(db, { key, events: batch.events, isHeard }).then(batch.resolve, batch.reject);
    }
  };

  return (key, events) => {
    const name = `${String(key.tenant)}/${String(key.connection)}`;
    const batch = open.get(name) ?? emptyBatch();
    batch.events.push(...events);
    open.set(name, batch);
    if (!busy.has(name))
      busy.set(
        name,
        run(name, key).finally(() => busy.delete(name)),
      );
    return batch.kept;
  };
}

interface Batch {
  readonly events: NewInboxEvent[];
  readonly kept: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

function emptyBatch(): Batch {
  let resolve: Batch['resolve'] = () => undefined;
  let reject: Batch['reject'] = () => undefined;
  const kept = new Promise<void>((onKept, onFailure) => {
    resolve = onKept;
    reject = onFailure;
  });
  return { events: [], kept, resolve, reject };
}

interface Keeping {
  readonly key: InboxKey;
  readonly events: readonly NewInboxEvent[];
  /** That something was heard was noted a moment ago. */
  readonly isHeard: (now: Date) => boolean;
}

function keep(db: Db, { key: { tenant, connection }, events, isHeard }: Keeping): Promise<void> {
  return db.tenantTx(
    tenant,
    async (tx) => {
      await keepEvents(tx, { tenant, connection, events });
      if (!isHeard(tx.now)) await noteHeard(tx, { tenant, connection });
    },
    'inbox.keep_events',
  );
}
