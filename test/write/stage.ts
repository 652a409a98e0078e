import { randomBytes } from 'node:crypto';
import { auditAppender } from '../../src/audit/index.ts';
import type { WriteOperation } from '../../src/connectors/index.ts';
import {
  connectionId,
  systemClock,
  systemRandom,
  tenantId,
  type ConnectionId,
  type Json,
  type TenantId,
} from '../../src/kernel/index.ts';
import type { PolicyDecision } from '../../src/policy/index.ts';
import type { NativeObject } from '../../src/schema/index.ts';
import { addConnection, addTenant, type Db } from '../../src/store/index.ts';
import {
  createWrites,
  payloadHash,
  startWriteWorker,
  type PlannedWrite,
  type PlanStatus,
  type WriteActor,
  type WriteDeps,
  type WriteLogEvent,
  type WritePlan,
  type Writes,
  type WriteWorker,
} from '../../src/write/index.ts';
import type { LedgerObject, LedgerServer } from './ledger-server.ts';
import { ledgerWrites, type LedgerSettings } from './ledger-writes.ts';

export interface WishedWrite {
  readonly object: LedgerObject;
  readonly operation: WriteOperation;
  readonly recordId?: string;
  readonly match?: { readonly field: string; readonly value: Json };
  readonly values?: { readonly [field: string]: Json };
  readonly before?: { readonly [field: string]: Json } | null;
  readonly step?: number;
  readonly worth?: number | null;
  readonly connection?: ConnectionId;
}

/** A tenant with one connection to the ledger server, and everything that writes need. */
export interface WriteStage {
  readonly db: Db;
  readonly tenant: TenantId;
  readonly connection: ConnectionId;
  readonly deps: WriteDeps;
  readonly writes: Writes;
  readonly events: WriteLogEvent[];
  readonly who: WriteActor;
  /** What the policy says from now on; `allow` at first. */
  decision: PolicyDecision;
  /** By key: what may not be written any more. */
  readonly unwritable: Map<string, string>;
  plan(wished: readonly WishedWrite[], more?: Partial<WritePlan>): WritePlan;
  /** Prepared and committed. */
  commit(wished: readonly WishedWrite[], more?: Partial<WritePlan>): Promise<PlanStatus>;
  work(more?: Partial<WriteDeps>): WriteWorker;
  /** Counts of the writes of a plan by state, and the plan's own state. */
  states(plan: string): Promise<Readonly<Record<string, unknown>>>;
  /** Nobody waits for the turn's time: what is to be sent again, or asked for, is so at once. */
  nowDue(): Promise<void>;
  /** So, and the turn's lease is over: whoever has it still, loses it. */
  leasesEnd(): Promise<void>;
  audit(plan: string): Promise<string[]>;
}

export const allow: PolicyDecision = { kind: 'allow', because: [{ rule: 'test', text: 'Small.' }], review: null };

export function nativeObject(name: string): NativeObject {
  const field = (fieldName: string) => ({
    name: fieldName,
    label: fieldName,
    type: 'string' as const,
    nativeType: 'string',
    nullable: true,
    custom: false,
    writable: true,
  });
  return {
    name,
    label: name,
    labelPlural: name,
    custom: false,
    fields: ['name', 'phone', 'stage'].map(field),
  } as unknown as NativeObject;
}

export interface StageParts {
  readonly db: Db;
  readonly tenant: TenantId;
  readonly connection: ConnectionId;
  readonly settings: LedgerSettings;
  readonly more?: Partial<WriteDeps>;
}

/** What writing needs, over a ledger server: also for processes of their own. */
export function stageDeps(
  { db, settings, more }: Omit<StageParts, 'tenant' | 'connection'>,
  own: {
    readonly onEvent: (event: WriteLogEvent) => void;
    readonly decide: () => PolicyDecision;
    readonly unwritable: ReadonlyMap<string, string>;
  },
): WriteDeps {
  const session = ledgerWrites(settings);
  return {
    db,
    clock: systemClock,
    random: systemRandom,
    onEvent: own.onEvent,
    audit: auditAppender(systemRandom),
    rules: {
      ready: async () => undefined,
      preview: async () => own.decide(),
      decide: async () => own.decide(),
      accepted: async () => undefined,
      dropped: async () => undefined,
    },
    approvals: null,
    factsOf: async () => ({ policyVersion: '1', accountable: null, modes: new Map([['crm', 'autonomous' as const]]) }),
    targetOf: async () => ({ principal: null, writes: session, objectOf: async (name) => nativeObject(name) }),
    unwritable: async (_tenant, { writes }) =>
      new Map(
        writes.flatMap(({ key }) => {
          const why = own.unwritable.get(key);
          return why === undefined ? [] : [[key, why] as const];
        }),
      ),
    refusedToUser: async () => new Map(),
    ...more,
  };
}

export async function openWriteStage(
  db: Db,
  server: LedgerServer,
  more: Partial<WriteDeps> & { readonly settings?: Partial<LedgerSettings> } = {},
): Promise<WriteStage> {
  const tenant = await addTenant(db, { slug: `w${randomBytes(4).toString('hex')}`, at: new Date('2026-01-01') });
  const connection = await db.tenantTx(tenant, (tx) =>
    addConnection(tx, { tenant, slug: 'crm', integration: 'crm', provider: 'ledger', state: 'working' }),
  );
  const { settings, ...others } = more;
  const parts = { db, tenant, connection, settings: { url: server.url, settleMs: 0, ...settings }, more: others };
  return stageOver(parts);
}

export function stageOver(parts: StageParts): WriteStage {
  const { db } = parts;
  const tenant = tenantId(parts.tenant);
  const connection = connectionId(parts.connection);
  const events: WriteLogEvent[] = [];
  const unwritable = new Map<string, string>();
  const deps = stageDeps(parts, { onEvent: (event) => events.push(event), decide: () => stage.decision, unwritable });
  const writes = createWrites(deps);
  const who: WriteActor = { kind: 'agent', agent: 'clerk', principal: null };
  const stage: WriteStage = {
    db,
    tenant,
    connection,
    deps,
    writes,
    events,
    who,
    decision: allow,
    unwritable,
    plan: (wished, more) => planFor(wished, connection, more),
    commit: async (wished, more) => {
      const { plan } = await writes.keep(tenant, planFor(wished, connection, more), null);
      return writes.commit(tenant, plan.id, who);
    },
    work: (other = {}) => startWriteWorker({ ...deps, ...other }, `worker-${randomBytes(4).toString('hex')}`),
    states: async (plan) => {
      const status = await writes.status(tenant, plan);
      return { plan: status?.state, ...status?.counts };
    },
    leasesEnd: async () => {
      await db.query('update write_turn set lease_until = now() where tenant = $1', [tenant]);
      await stage.nowDue();
    },
    nowDue: async () => {
      await db.query('update write_turn set due_at = now() where tenant = $1', [tenant]);
      await db.tenantTx(tenant, async (tx) => {
        await tx.query('update write_sending set settle_at = $2 where tenant = $1 and settle_at is not null', [
          tenant,
          tx.now,
        ]);
        await tx.query(`update write set due_at = $2 where tenant = $1 and state = 'queued'`, [tenant, tx.now]);
      });
    },
    audit: async (plan) => {
      const rows = await db.tenantRead(tenant, (tx) =>
        tx.query<{ kind: string }>(
          `select e.kind from audit_entry e join audit_payload p on p.tenant = e.tenant and p.seq = e.seq
           where e.tenant = $1 and p.body::text like $2 order by e.seq`,
          [tenant, `%${plan}%`],
        ),
      );
      return rows.map(({ kind }) => kind);
    },
  };
  return stage;
}

function planFor(wished: readonly WishedWrite[], connection: ConnectionId, more: Partial<WritePlan> = {}): WritePlan {
  const id = `plan_${randomBytes(16).toString('base64url')}`;
  const writes = wished.map((wish, item): PlannedWrite => {
    const values = wish.values ?? {};
    const before = wish.before ?? null;
    return {
      item,
      step: wish.step ?? 0,
      key: `${id.slice(5)}-${String(item)}`,
      connection: wish.connection ?? connection,
      slug: 'crm',
      integration: 'crm',
      object: wish.object,
      model: null,
      operation: wish.operation,
      recordId: wish.recordId ?? null,
      match: wish.match ?? null,
      values,
      before,
      changes: Object.entries(values).map(([field, after]) => ({
        field,
        label: field,
        before: before?.[field] ?? null,
        after,
      })),
      label: null,
      ...(wish.worth === undefined ? {} : { worth: wish.worth }),
      dedupe: 'none',
      reversibility: 'exact',
    };
  });
  const impact = { records: writes.length, amount: 0, currency: null, why: 'It moves no money.' };
  return {
    id,
    agent: 'clerk',
    principal: null,
    title: 'Test',
    intent: { operation: wished[0]?.operation ?? 'update', object: `crm.${wished[0]?.object ?? ''}`, records: [] },
    safety: 'safe_write',
    writes,
    problems: [],
    warnings: [],
    sideEffects: [],
    preconditions: [],
    impact,
    decision: allow,
    question: {
      agent: 'clerk',
      principal: null,
      intent: null,
      safety: 'safe_write',
      accountable: null,
      parts: [],
      amount: 0,
      currency: null,
      readUntrusted: false,
    },
    cost: [],
    undoes: null,
    payloadHash: payloadHash(writes),
    policyVersion: '1',
    createdAt: new Date('2026-01-01T00:00:00Z'),
    expiresAt: new Date('2026-01-01T00:30:00Z'),
    ...more,
  };
}
