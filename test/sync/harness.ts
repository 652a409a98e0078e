import { connectorRegistry, requireConnector, type ConnectorSession } from '../../src/connectors/index.ts';
import {
  streamId,
  systemClock,
  systemRandom,
  type JsonObject,
  type StreamId,
  type TenantId,
} from '../../src/kernel/index.ts';
import type { Integration, IntegrationObject } from '../../src/manifest/index.ts';
import {
  addConnection,
  addTenant,
  claimDue,
  listStreams,
  requestSync,
  type Db,
  type StreamRow,
} from '../../src/store/index.ts';
import {
  discoverConnection,
  runStream,
  type RunReport,
  type SyncDeps,
  type SyncEvent,
  type SyncTarget,
} from '../../src/sync/index.ts';
import { signIn, type SignedIn, type TestSandbox } from '../support/sandbox.ts';

const at = { file: 'test', line: 1, column: 1 };

/** An integration as the manifest would give it, for objects that feed no model. */
export function integrationOf(
  connector: string,
  objects: readonly string[],
  { alsoSync = [], backfillDays = null }: Pick<HarnessOptions, 'alsoSync' | 'backfillDays'> = {},
): Integration {
  const object = (from: string): [string, IntegrationObject] => [
    from,
    { from, sync: { backfillDays, everyS: 60 }, model: null, fields: new Map(), where: null, defaults: new Map(), at },
  ];
  return {
    name: connector,
    title: connector,
    connector,
    trust: 'record',
    systemOfRecord: [],
    scope: { read: ['*'], write: [], writeAs: 'checked' },
    mode: 'read_only',
    onCall: null,
    objects: new Map(objects.map(object)),
    alsoSync,
    at,
  };
}

export interface HarnessOptions {
  readonly slug: string;
  readonly alsoSync?: readonly string[];
  readonly backfillDays?: number | null;
}

/** A tenant whose one connection is signed in to a sandbox. */
export interface SyncHarness {
  readonly tenant: TenantId;
  readonly deps: SyncDeps;
  readonly target: SyncTarget;
  readonly signedIn: SignedIn;
  readonly events: SyncEvent[];
  /** Told of every event as it happens. */
  listener: ((event: SyncEvent) => void) | null;
  /** Runs the stream of an object once, as a worker would; with another session where one is given. */
  run(object: string, signal?: AbortSignal, session?: ConnectorSession): Promise<RunReport>;
  stream(object: string): Promise<StreamRow>;
  /** Live documents of an object, by id. */
  records(object: string): Promise<Map<string, JsonObject>>;
}

export async function syncHarness(
  db: Db,
  sandbox: TestSandbox,
  objects: readonly string[],
  options: HarnessOptions,
): Promise<SyncHarness> {
  const provider = sandbox.health.provider;
  const connector = requireConnector(connectorRegistry({ clock: systemClock, random: systemRandom }), provider);
  const signedIn = await signIn(sandbox, connector);
  const tenant = await addTenant(db, { slug: options.slug, at: new Date('2026-01-01') });
  const connection = await db.tenantTx(tenant, (tx) =>
    addConnection(tx, { tenant, slug: provider, integration: provider, provider, state: 'working' }),
  );
  const events: SyncEvent[] = [];
  const deps: SyncDeps = {
    db,
    clock: systemClock,
    onEvent: (event) => {
      events.push(event);
      harness.listener?.(event);
    },
    onSchemaChange: () => undefined,
  };
  const target: SyncTarget = {
    tenant,
    connection,
    slug: provider,
    integration: integrationOf(provider, objects, options),
    session: connector.open(signedIn.access),
  };
  const stream = async (object: string): Promise<StreamRow> => {
    const rows = await db.tenantTx(tenant, (tx) => listStreams(tx, tenant));
    const row = rows.find((each) => each.object === object);
    if (row === undefined) throw new Error(`no stream of ${object}`);
    return row;
  };
  const harness: SyncHarness = {
    tenant,
    listener: null,
    deps,
    target,
    signedIn,
    events,
    stream,
    run: async (object, signal = new AbortController().signal, session = target.session) => {
      await db.tenantTx(tenant, (tx) => requestSync(tx, { tenant, object }));
      const claimed = await db.tenantTx(tenant, (tx) =>
        claimDue(tx, { tenant, worker: 'test', leaseMs: 60_000, limit: 1_000 }),
      );
      const row = claimed.find((each) => each.object === object);
      if (row === undefined) throw new Error(`the stream of ${object} is not due`);
      const report = await runStream(deps, { ...target, session }, row, 'test', signal);
      await db.tenantTx(tenant, async (tx) => {
        for (const other of claimed) {
          if (other.id === row.id) continue;
          await tx.query('update stream set lease_by = null, lease_until = null where tenant = $1 and id = $2', [
            tenant,
            other.id,
          ]);
        }
      });
      return report;
    },
    records: async (object) => documents(db, tenant, (await stream(object)).id),
  };
  await discoverConnection(deps, target);
  return harness;
}

export async function documents(db: Db, tenant: TenantId, stream: StreamId): Promise<Map<string, JsonObject>> {
  const rows = await db.tenantTx(tenant, (tx) =>
    tx.query<{ id: string; doc: JsonObject }>(
      'select ext_id as id, doc from record where tenant = $1 and stream = $2 and not deleted',
      [tenant, streamId(stream)],
    ),
  );
  return new Map(rows.map((row) => [row.id, row.doc]));
}
