import type { ErrorBody, JsonObject } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import type { InboxHolder, InboxKey } from './inbox.ts';
import type { Directory } from './tenants.ts';

/** What is agreed with a provider about calling us. `state` is src/inbox's, opaque here. */
export interface RegistrationRow extends InboxKey {
  readonly state: string;
  readonly stateSince: Date;
  readonly dueAt: Date;
  /** Of what was asked for when it was registered last. */
  readonly version: string | null;
  /** What the provider knows it by, or, while that is not known, the address alone (`url`); null: nothing is there. */
  readonly reference: JsonObject | null;
  /** Native objects of which the provider tells. */
  readonly objects: readonly string[];
  /** When the provider was asked last, and it was so. */
  readonly provedAt: Date | null;
  readonly expiresAt: Date | null;
  readonly failures: number;
  readonly lastError: ErrorBody | null;
}

const columns = `tenant, connection, state, state_since as "stateSince", due_at as "dueAt", version, reference, objects,
  proved_at as "provedAt", expires_at as "expiresAt", failures, last_error as "lastError"`;

export const webhookRegistrationsSql = {
  add: `insert into webhook_registration (tenant, connection, state, state_since, due_at) values ($1, $2, $3, $4, $4)
    on conflict (tenant, connection) do nothing returning connection`,
  lock: `select ${columns} from webhook_registration where tenant = $1 and connection = $2 for update`,
  one: `select ${columns} from webhook_registration where tenant = $1 and connection = $2`,
  all: `select ${columns} from webhook_registration where tenant = $1 order by connection`,
  due: 'select tenant, connection from webhook_registration where due_at <= now() order by due_at limit $1',
  claim: `update webhook_registration set holder = $3, due_at = $5
    where tenant = $1 and connection = $2 and due_at <= $4 returning ${columns}`,
  ask: `update webhook_registration set reference = $4::text::jsonb
    where tenant = $1 and connection = $2 and holder = $3 returning connection`,
  turn: `update webhook_registration set state = $3, state_since = case when state = $3 then state_since else $4 end,
      due_at = $4, holder = null, failures = 0
    where tenant = $1 and connection = $2 returning connection`,
  hurry: `update webhook_registration set due_at = $3, holder = null, version = null
    where tenant = $1 and connection = $2 and state <> 'removing' returning connection`,
  look: 'update webhook_registration set due_at = $2 where tenant = $1 and holder is null and due_at > $2',
  settle: `update webhook_registration set holder = null, due_at = $4, state = $5,
      state_since = case when state = $5 then state_since else $6 end, version = $7, reference = $8::text::jsonb,
      objects = $9::text[], proved_at = $10, expires_at = $11, failures = $12, last_error = $13::text::jsonb
    where tenant = $1 and connection = $2 and holder = $3 returning connection`,
  remove: 'delete from webhook_registration where tenant = $1 and connection = $2 returning connection',
} as const;

/** False: there is one. */
export async function addRegistration(tx: Tx, { tenant, connection }: InboxKey, state: string): Promise<boolean> {
  return (await tx.query(webhookRegistrationsSql.add, [tenant, connection, state, tx.now])).length > 0;
}

/** Null: there is none. Nobody else changes it before the transaction ends. */
export async function lockRegistration(tx: Tx, { tenant, connection }: InboxKey): Promise<RegistrationRow | null> {
  return (await tx.query<RegistrationRow>(webhookRegistrationsSql.lock, [tenant, connection]))[0] ?? null;
}

export async function readRegistration(db: Directory, key: InboxKey): Promise<RegistrationRow | null> {
  return (await db.query<RegistrationRow>(webhookRegistrationsSql.one, [key.tenant, key.connection]))[0] ?? null;
}

export function listRegistrations(db: Directory, { tenant }: Pick<InboxKey, 'tenant'>): Promise<RegistrationRow[]> {
  return db.query<RegistrationRow>(webhookRegistrationsSql.all, [tenant]);
}

/** Registrations with something to do that nobody is at, of all tenants, longest waiting first. */
export function dueRegistrations(db: Directory, limit: number): Promise<InboxKey[]> {
  return db.query<InboxKey>(webhookRegistrationsSql.due, [limit]);
}

/** Null where somebody else has it, or it is not due. */
export async function claimRegistration(
  tx: Tx,
  { tenant, connection, holder }: InboxHolder,
  leaseMs: number,
): Promise<RegistrationRow | null> {
  const params = [tenant, connection, holder, tx.now, new Date(tx.now.getTime() + leaseMs)];
  return (await tx.query<RegistrationRow>(webhookRegistrationsSql.claim, params))[0] ?? null;
}

/** The provider is about to be asked, and may know of us by this from now on. False: somebody else has it now. */
export async function noteAsking(
  tx: Tx,
  { tenant, connection, holder }: InboxHolder,
  reference: JsonObject,
): Promise<boolean> {
  const params = [tenant, connection, holder, JSON.stringify(reference)];
  return (await tx.query(webhookRegistrationsSql.ask, params)).length > 0;
}

/** Another wish: it is due at once, and whoever is at it can no longer settle it. */
export async function turnRegistration(tx: Tx, { tenant, connection }: InboxKey, state: string): Promise<void> {
  await tx.query(webhookRegistrationsSql.turn, [tenant, connection, state, tx.now]);
}

/**
 * What was agreed is not so any more (another secret): it is agreed again, at
 * once or after so many ms, and whoever is at it can no longer settle it.
 */
export async function hurryRegistration(tx: Tx, { tenant, connection }: InboxKey, afterMs = 0): Promise<void> {
  await tx.query(webhookRegistrationsSql.hurry, [tenant, connection, new Date(tx.now.getTime() + afterMs)]);
}

/** What is wanted of a tenant may have changed: those that nobody is at are looked at now. */
export async function lookAtRegistrations(tx: Tx, { tenant }: Pick<InboxKey, 'tenant'>): Promise<void> {
  await tx.query(webhookRegistrationsSql.look, [tenant, tx.now]);
}

export type RegistrationEnd = Omit<RegistrationRow, keyof InboxKey | 'stateSince'>;

/** Gives it back. False: somebody else has it, or the wish is another one now. */
export async function settleRegistration(tx: Tx, holder: InboxHolder, end: RegistrationEnd): Promise<boolean> {
  const settled = await tx.query(webhookRegistrationsSql.settle, [
    holder.tenant,
    holder.connection,
    holder.holder,
    end.dueAt,
    end.state,
    tx.now,
    end.version,
    end.reference === null ? null : JSON.stringify(end.reference),
    end.objects,
    end.provedAt,
    end.expiresAt,
    end.failures,
    end.lastError === null ? null : JSON.stringify(end.lastError),
  ]);
  return settled.length > 0;
}

export async function removeRegistration(tx: Tx, { tenant, connection }: InboxKey): Promise<void> {
  await tx.query(webhookRegistrationsSql.remove, [tenant, connection]);
}
