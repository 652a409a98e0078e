import type { ConnectorSession } from '../src/connectors/index.ts';
import { systemClock, type JsonObject } from '../src/kernel/index.ts';
import type { NativeObject } from '../src/schema/index.ts';
import {
  addConnection,
  addTenant,
  claimDue,
  ensureStream,
  requestSync,
  restartStream,
  type Db,
} from '../src/store/index.ts';
import { runStream } from '../src/sync/index.ts';
import { integrationOf } from '../test/sync/harness.ts';

/** What a provider answers with: pages as the text that comes over the wire, all of it each time it is asked. */
export interface ProviderPages {
  readonly object: NativeObject;
  readonly pages: readonly string[];
  readonly records: number;
}

export interface SyncedStore {
  /** One run of the stream over all pages: parsed, checked, hashed, compared, kept. Returns how many records changed. */
  readonly run: () => Promise<number>;
  /** The next run compares everything, as after a cursor that expired, and looks for what is gone. */
  readonly readWhole: () => Promise<void>;
}

/** A tenant with one stream of these records, in a migrated database. */
export async function syncedStore(db: Db, provider: ProviderPages): Promise<SyncedStore> {
  const { object } = provider;
  const tenant = await db.tx((tx) => addTenant(tx, { slug: 'synced', at: tx.now }));
  const { connection, stream } = await db.tenantTx(tenant, async (tx) => {
    const added = await addConnection(tx, {
      tenant,
      slug: 'crm',
      integration: 'crm',
      provider: 'bench',
      state: 'working',
    });
    return {
      connection: added,
      stream: await ensureStream(tx, { tenant, connection: added, object: object.name, everyS: 60 }),
    };
  });
  const deps = { db, clock: systemClock, onEvent: () => undefined, onSchemaChange: () => undefined };
  const integration = integrationOf('bench', [object.name]);
  const target = { tenant, connection, slug: 'crm', integration, session: sessionOf(provider) };
  return {
    run: async () => {
      const [row] = await db.tenantTx(tenant, async (tx) => {
        await requestSync(tx, { tenant });
        return claimDue(tx, { tenant, worker: 'bench', leaseMs: 60_000, limit: 1 });
      });
      if (row === undefined) throw new Error('the stream is not due');
      const { error, records, changed } = await runStream(deps, target, row, 'bench', new AbortController().signal);
      if (error !== null) throw error;
      if (records !== provider.records)
        throw new Error(`read ${String(records)} of ${String(provider.records)} records`);
      return changed;
    },
    readWhole: () => db.tenantTx(tenant, (tx) => restartStream(tx, tenant, stream)),
  };
}

/** Reads from memory what a connector reads over HTTP. After the last page it begins again at the first. */
function sessionOf({ object, pages, records }: ProviderPages): ConnectorSession {
  return {
    identify: async () => ({ accountId: 'bench', accountName: 'bench', userName: 'bench' }),
    listObjects: async () => [],
    describeObject: async () => object,
    countRecords: async () => records,
    readPage: async ({ cursor }) => {
      const place = Number(cursor?.['page'] ?? 0);
      const rows = JSON.parse(pages[place] ?? '[]') as (JsonObject & {
        readonly Id: string;
        readonly LastModifiedDate: string;
      })[];
      const next = place + 1;
      return {
        records: rows.map((values) => ({
          id: values.Id,
          modifiedAt: new Date(values.LastModifiedDate),
          deleted: false,
          values,
        })),
        cursor: { page: next === pages.length ? 0 : next },
        more: next < pages.length,
        readAt: systemClock.now(),
      };
    },
  };
}
