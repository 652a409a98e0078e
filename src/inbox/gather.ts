import { limits } from '../kernel/index.ts';
import { keepEvents, noteHeard, sqlState, type Db, type InboxKey, type NewInboxEvent } from '../store/index.ts';

/** Resolves when the events are durable; rejects when they are not. */
export type Keep = (key: InboxKey, events: readonly NewInboxEvent[]) => Promise<void>;

/**
 * Keeps events in as few transactions as come: what arrives while one commits
 * goes into the next together. A burst costs a commit per round trip to the
 * disk, not per delivery; each delivery is still answered after its own commit,
 * and not refused for what came with another.
 */
export function gatherEvents(db: Db): Keep {
  const open = new Map<string, Waiting[]>();
  const busy = new Set<string>();
  const heard = new Map<string, number>();

  const run = async (name: string, key: InboxKey): Promise<void> => {
    const isHeard = (now: Date): boolean => {
      const isSoon = now.getTime() - (heard.get(name) ?? 0) < limits.webhookHeardEveryMs;
      if (!isSoon) heard.set(name, now.getTime());
      return isSoon;
    };
    for (let batch = open.get(name); batch !== undefined; batch = open.get(name)) {
      open.delete(name);
      await keepBatch(batch, (events) => keep(db, { key, events, isHeard }));
    }
    // In the same breath as nothing was found: what comes next would wait for nobody.
    busy.delete(name);
  };

  return (key, events) => {
    const name = `${String(key.tenant)}/${String(key.connection)}`;
    const batch = open.get(name) ?? [];
    open.set(name, batch);
    const kept = new Promise<void>((resolve, reject) => batch.push({ events, resolve, reject }));
    if (!busy.has(name)) {
      busy.add(name);
      void run(name, key);
    }
    return kept;
  };
}

interface Waiting {
  readonly events: readonly NewInboxEvent[];
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

/** Where the database refuses what the batch says, each delivery is kept alone, so that one takes no other along. */
async function keepBatch(
  batch: readonly Waiting[],
  keepAll: (events: readonly NewInboxEvent[]) => Promise<void>,
): Promise<void> {
  try {
    await keepAll(batch.flatMap(({ events }) => events));
    for (const { resolve } of batch) resolve();
  } catch (cause) {
    // A database that is away, or full, is so for each of them.
    const isRefused = sqlState(cause) !== undefined;
    for (const { events, resolve, reject } of batch) {
      if (isRefused && batch.length > 1) await keepAll(events).then(resolve, reject);
      else reject(cause);
    }
  }
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
