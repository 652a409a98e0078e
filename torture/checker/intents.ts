import type { Client, QueryResultRow } from 'pg';

/** One record of an accepted plan, as the database has it. */
export interface Intent {
  readonly tenant: string;
  readonly integration: string;
  readonly plan: string;
  readonly item: number;
  readonly object: string;
  readonly operation: string;
  readonly state: string;
  readonly recordId: string | null;
  /** Of acceptance, per connection; null: never released. */
  readonly seq: number | null;
  readonly dedupe: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly attempts: number;
  /** Its plan was approved by somebody. */
  readonly approved: boolean;
  readonly payloadHash: string;
}

export interface Plan {
  readonly tenant: string;
  readonly id: string;
  readonly state: string;
}

export interface AuditLine {
  readonly seq: number;
  readonly at: Date;
  readonly kind: string;
  readonly commitment: Buffer;
  readonly hash: Buffer;
  readonly salt: Buffer | null;
  readonly body: string | null;
}

/** A decision that the database has, and whether whoever made it may decide. */
export interface Approval {
  readonly plan: string;
  readonly payloadHash: string;
  readonly state: string;
  readonly decider: string | null;
  readonly decidedAt: Date | null;
  readonly expiresAt: Date | null;
  /** Lower case: who asked, and those who may not. */
  readonly barred: readonly string[];
}

/** What the database says of writes; everything past row-level security. */
export interface Journal {
  intents(tenants: readonly string[]): Promise<readonly Intent[]>;
  plans(tenant: string): Promise<readonly Plan[]>;
  audit(tenant: string): Promise<readonly AuditLine[]>;
  approvals(tenant: string): Promise<readonly Approval[]>;
}

export function openJournal(client: Client): Journal {
  const rows = async <Row extends QueryResultRow>(text: string, params: unknown[]): Promise<Row[]> =>
    (await client.query<Row>(text, params)).rows;
  return {
    intents: async (tenants) =>
      (
        await rows<Intent & { seq: string | null }>(
          `select t.slug as tenant, k.integration, w.plan, w.item, w.object, w.operation, w.state,
             w.record_id as "recordId", w.seq, c.content ->> 'dedupe' as dedupe, c.content -> 'values' as values,
             w.attempts, p.approved, p.payload_hash as "payloadHash"
           from write w join tenant t on t.id = w.tenant
           join connection k on k.tenant = w.tenant and k.id = w.connection
           join write_content c on c.tenant = w.tenant and c.plan = w.plan and c.item = w.item
           join write_plan p on p.tenant = w.tenant and p.id = w.plan
           where t.slug = any ($1) order by w.seq`,
          [tenants],
        )
      ).map((row) => ({ ...row, seq: row.seq === null ? null : Number(row.seq) })),
    plans: (tenant) =>
      rows(
        `select t.slug as tenant, p.id, p.state from write_plan p join tenant t on t.id = p.tenant where t.slug = $1`,
        [tenant],
      ),
    audit: async (tenant) =>
      (
        await rows<AuditLine & { seq: string }>(
          `select e.seq, e.at, e.kind, e.commitment, e.hash, p.salt, p.body from audit_entry e
           join tenant t on t.id = e.tenant left join audit_payload p on p.tenant = e.tenant and p.seq = e.seq
           where t.slug = $1 order by e.seq`,
          [tenant],
        )
      ).map((row) => ({ ...row, seq: Number(row.seq) })),
    approvals: (tenant) =>
      rows(
        `select a.plan, c.payload_hash as "payloadHash", a.state, a.decider, a.decided_at as "decidedAt",
           a.expires_at as "expiresAt", a.barred
         from approval a join tenant t on t.id = a.tenant
         join approval_case c on c.tenant = a.tenant and c.plan = a.plan and c.round = a.round
         where t.slug = $1 and a.kind <> 'review'`,
        [tenant],
      ),
  };
}
