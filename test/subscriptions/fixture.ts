import { randomBytes } from 'node:crypto';
import { callerFor } from '../../src/access/index.ts';
import {
  canonicalJson,
  contentHash,
  systemClock,
  systemRandom,
  type JsonObject,
  type StreamId,
  type TenantId,
} from '../../src/kernel/index.ts';
import type { AgentDeclaration } from '../../src/manifest/index.ts';
import {
  addApiKey,
  addConnection,
  addTenant,
  ensureStream,
  ingestPage,
  refuseInTransaction,
  type Db,
} from '../../src/store/index.ts';
import {
  createReceiverAgent,
  createSubscriptions,
  startSubscriptionWorker,
  type NewSubscriptionWish,
  type SubscriptionDeps,
  type SubscriptionLogEvent,
  type SubscriptionWorker,
  type Viewer,
} from '../../src/subscriptions/index.ts';
import { createVault } from '../../src/vault/index.ts';
import { testCatalogue } from '../query/catalogue.ts';
import { agentWith, type GrantSpec } from '../query/world.ts';

export interface EventWorld {
  readonly db: Db;
  readonly tenant: TenantId;
  readonly stream: StreamId;
  readonly deps: SubscriptionDeps;
  readonly told: SubscriptionLogEvent[];
  readonly subscriptions: ReturnType<typeof createSubscriptions>;
  /** What the agent `watcher` may see from now on; null: there is no such agent. */
  grant(objects: GrantSpec | null, tools?: readonly string[]): void;
  viewer(): Viewer;
  /** Whether the agent's only key is good; it is at first. */
  key(state: 'good' | 'revoked' | 'expired'): Promise<void>;
  /** Distinct records, each a change, all in one transaction, in the order of their ids. */
  putPage(records: readonly (readonly [id: string, doc: JsonObject])[]): Promise<void>;
  /** Each in a change of its own, in this order. */
  put(...records: readonly (readonly [id: string, doc: JsonObject | null])[]): Promise<void>;
  subscribe(
    url: string,
    wish?: Partial<NewSubscriptionWish>,
  ): Promise<{ readonly id: number; readonly secret: string }>;
  work(name?: string, other?: Partial<SubscriptionDeps>): SubscriptionWorker;
}

/** One worker delivers for all worlds of a suite, as in earnest for all tenants. */
const viewers = new Map<TenantId, () => Viewer | null>();
const reading = ['query_records'];
const masterKey = randomBytes(32);

/** A tenant with accounts of a CRM, and an agent that sees them. */
export async function openEventWorld(db: Db, more: Partial<SubscriptionDeps> = {}): Promise<EventWorld> {
  const tenant = await addTenant(db, { slug: `t${randomBytes(4).toString('hex')}`, at: new Date('2026-01-01') });
  const stream = await db.tenantTx(tenant, async (tx) => {
    const connection = await addConnection(tx, {
      tenant,
      slug: 'crm',
      integration: 'crm',
      provider: 'sandbox',
      state: 'working',
    });
    return ensureStream(tx, { tenant, connection, object: 'Account', everyS: 60 });
  });
  const bearer = randomBytes(8).toString('hex');
  await addApiKey(db, { key: bearer, tenant, agent: 'watcher', label: 'test', at: new Date('2026-01-01') });
  const catalogue = testCatalogue(new Map([['crm.Account', stream]]));
  const told: SubscriptionLogEvent[] = [];
  let agent: AgentDeclaration | null = agentWith('watcher', { account: {} }, { tools: reading });
  const viewerOf = (): Viewer | null =>
    agent === null ? null : { caller: callerFor({ agent, catalogue, tenant, tenantSlug: 'acme' }), scope: catalogue };
  viewers.set(tenant, viewerOf);
  const rules = { toLoopback: true };
  const deps: SubscriptionDeps = {
    db,
    vault: createVault({ masterKey, random: systemRandom }),
    clock: systemClock,
    random: systemRandom,
    onEvent: (event) => told.push(event),
    viewerOf: async (of, name) => (name === 'watcher' ? (viewers.get(of)?.() ?? null) : null),
    // The project in force is read anew now and then, which a transaction would not survive.
    keepDays: async () => {
      refuseInTransaction();
      return 90;
    },
    rules,
    receivers: createReceiverAgent(rules),
    publicUrl: 'https://gantry.example',
    timeoutMs: 1_000,
    ...more,
  };
  const subscriptions = createSubscriptions(deps);
  return {
    db,
    tenant,
    stream,
    deps,
    told,
    subscriptions,
    grant: (objects, tools = reading) => {
      agent = objects === null ? null : agentWith('watcher', objects, { tools });
    },
    viewer: () => {
      const viewer = viewerOf();
      if (viewer === null) throw new Error('the agent is gone');
      return viewer;
    },
    key: async (state) => {
      await db.query(
        `update api_key set revoked_at = case when $2 = 'revoked' then now() end,
          expires_at = case when $2 = 'expired' then now() end where tenant = $1`,
        [tenant, state],
      );
    },
    put: async (...records) => {
      for (const [id, doc] of records) {
        const docText = doc === null ? '' : canonicalJson(doc);
        const record = {
          id,
          hash: doc === null ? '' : contentHash(docText),
          docText,
          srcAt: null,
          deleted: doc === null,
        };
        await db.tenantTx(tenant, (tx) =>
          ingestPage(tx, { tenant, stream, records: [record], cursor: null, phase: 'current', seenAt: tx.now }),
        );
      }
    },
    putPage: async (page) => {
      const records = page.map(([id, doc]) => {
        const docText = canonicalJson(doc);
        return { id, hash: contentHash(docText), docText, srcAt: null, deleted: false };
      });
      await db.tenantTx(tenant, (tx) =>
        ingestPage(tx, { tenant, stream, records, cursor: null, phase: 'current', seenAt: tx.now }),
      );
    },
    subscribe: async (url, wish = {}) => {
      const { row, secret } = await subscriptions.create(tenant, {
        agent: 'watcher',
        object: 'account',
        filter: {},
        events: [],
        fields: null,
        note: null,
        url,
        ...wish,
      });
      return { id: row.id, secret };
    },
    work: (name = `worker-${randomBytes(4).toString('hex')}`, other = {}) =>
      startSubscriptionWorker({ ...deps, ...other }, name),
  };
}

/** Body of a message. */
export interface Told {
  readonly type: string;
  readonly data: EventData;
}

export interface EventData {
  readonly _ref: string;
  readonly sequence: number;
  readonly changed: readonly string[];
  readonly before: JsonObject | null;
  readonly after: JsonObject | null;
  readonly too_large?: true;
  readonly fetch?: string;
}
