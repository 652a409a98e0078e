import type { TenantId } from '../kernel/index.ts';
import { readAuditHead } from './audit.ts';
import type { SqlParam, Tx } from './db.ts';

/** What is looked for; each null: whatever it is. */
export interface AuditSearch {
  /** A whole reference, or a record's id alone. */
  readonly record: string | null;
  /** Part of a record's name, in lower case. */
  readonly label: string | null;
  readonly agent: string | null;
  /** A user whom an agent acted for, or an operator. */
  readonly person: string | null;
  readonly plan: string | null;
  readonly connection: string | null;
  readonly object: string | null;
  readonly model: string | null;
  readonly kinds: readonly string[] | null;
  readonly from: Date | null;
  readonly to: Date | null;
  readonly amountFrom: number | null;
  readonly amountTo: number | null;
}

export interface FoundAudit {
  readonly seq: number;
  readonly at: Date;
  readonly kind: string;
  /** Null: erased. */
  readonly body: string | null;
}

/** The newest first, before `before` (null: from the end). */
export interface AuditPage {
  readonly before: number | null;
  readonly limit: number;
}

/** An entry about several systems has all their slugs, with commas between them. */
const isAbout = `$9 = any(string_to_array(p.connection, ','))`;

/**
 * What an entry says is moved: together with a system what is moved there. Of an entry about several that stands in its
 * text, right at the beginning of `detail`, where nothing that a customer wrote can look like it. Only slugs that the
 * entry has get into the pattern.
 */
const amount = `case when p.connection <> $9 and ${isAbout}
      then substring(p.body from '"detail":\\{"amounts":\\{(?:"[^"]*":[^,{}]*,)*"' || $9 || '":(-?[0-9]+(?:\\.[0-9]+)?(?:e[+-]?[0-9]+)?)[,}]')
        ::double precision
      else p.amount end`;

/**
 * Which index leads is decided here and not by estimates: these are wrong about what stands far back, and an embedded
 * database has none. So every other condition is written in a way that no index serves it.
 */
const others = `p.tenant = $1 and p.seq < $2 and p.seq > $3
      and coalesce($4::timestamptz is null or p.at >= $4, false)
      and coalesce($5::timestamptz is null or p.at < $5, false)
      and coalesce($6::text is null or p.agent = $6, false)
      and coalesce($7::text is null or p.principal = $7 or p.operator = $7, false)
      and coalesce($8::text is null or p.plan = $8, false)
      and coalesce($9::text is null or ${isAbout}, false)
      and coalesce($10::text is null or p.object = $10, false)
      and coalesce($11::text is null or p.model = $11, false)
      and coalesce($12::text[] is null or p.kind = any($12), false)
      and coalesce($13::double precision is null or ${amount} >= $13, false)
      and coalesce($14::double precision is null or ${amount} <= $14, false)
      and coalesce($15::text is null or p.label like $15, false)`;

/** The newest of each of the values `$17`, and of these the newest. */
const newestBy = (
  column: string,
): string => `select f.seq, f.at, f.kind, f.body from unnest($17::text[]) as wanted (key)
    cross join lateral (select p.seq, p.at, p.kind, p.body from audit_payload p
      where p.${column} = wanted.key and ${others} order by p.seq desc limit $16) f
    order by f.seq desc limit $16`;

export const auditSearchSql = {
  newest: `select p.seq, p.at, p.kind, p.body from audit_payload p where ${others} order by p.seq desc limit $16`,
  record: newestBy('record'),
  recordKey: newestBy('record_key'),
  label: newestBy('label'),
  plan: newestBy('plan'),
  kind: newestBy('kind'),
  agent: newestBy('agent'),
  connection: newestBy('connection'),
  person: `select f.seq, f.at, f.kind, f.body from unnest($17::text[]) as wanted (key) cross join lateral (
      (select p.seq, p.at, p.kind, p.body from audit_payload p
        where p.principal = wanted.key and ${others} order by p.seq desc limit $16)
      union all
      (select p.seq, p.at, p.kind, p.body from audit_payload p
        where p.operator = wanted.key and p.principal is distinct from wanted.key and ${others}
        order by p.seq desc limit $16)) f
    order by f.seq desc limit $16`,
  numbers: `select p.seq, p.at, p.kind, p.body from audit_payload p
    where p.seq = any($17::bigint[]) and ${others} order by p.seq desc limit $16`,
  // Entries are numbered in the order in which their transactions ended, and have the time of their beginning: an hour
  // covers the longest of them.
  bounds: `select
      (select p.seq from audit_payload p where p.tenant = $1 and p.at < $2::timestamptz - interval '1 hour'
        order by p.at desc limit 1) as after,
      (select p.seq from audit_payload p where p.tenant = $1 and p.at >= $3::timestamptz + interval '1 hour'
        order by p.at limit 1) as before`,
  // In the order of the index, which stops at the limit.
  amounts: `select seq from audit_payload where tenant = $1
      and amount >= coalesce($2::double precision, '-infinity') and amount <= coalesce($3::double precision, 'infinity')
    order by amount desc limit $4`,
  several: `select seq from audit_payload where tenant = $1 and connection = any($2::text[]) limit $3`,
  // From each to the next one in the index, as below: as many as there are sets of systems that a plan was about.
  systems: `with recursive system (slugs, nth) as (
      (select p.connection, 1 from audit_payload p where p.tenant = $1 and p.connection is not null
        order by p.connection limit 1)
      union all
      select (select p.connection from audit_payload p where p.tenant = $1 and p.connection > system.slugs
        order by p.connection limit 1), system.nth + 1
      from system where system.slugs is not null and system.nth < $3)
    select (select count(*) from system where slugs is not null) as looked,
      to_json(array(select slugs from system where $2 = any(string_to_array(slugs, ',')) limit $4)) as found`,
  // From each name to the next one in the index, however many entries have it.
  names: `with recursive name (label, nth) as (
      (select p.label, 1 from audit_payload p where p.tenant = $1 and p.label is not null order by p.label limit 1)
      union all
      select (select p.label from audit_payload p where p.tenant = $1 and p.label > name.label order by p.label limit 1),
        name.nth + 1 from name where name.label is not null and name.nth < $3)
    select (select count(*) from name where label is not null) as looked,
      to_json(array(select label from name where label like $2 limit $4)) as found`,
} as const;

/** The newest first. */
export async function searchAuditRows(
  tx: Tx,
  tenant: TenantId,
  search: AuditSearch,
  page: AuditPage,
): Promise<FoundAudit[]> {
  const lead = await leadOf(tx, tenant, search);
  const asked = { search, bounds: await boundsOf(tx, tenant, search, page), limit: page.limit };
  if (lead.kind === 'newest') return newestOf(tx, tenant, { ...asked, pattern: lead.pattern });
  if (lead.keys.length === 0) return [];
  const text = auditSearchSql[lead.kind];
  return tx.query<FoundAudit>(text, [...paramsOf(tenant, asked), lead.keys]);
}

/** What is looked up in an index, and its values there. `newest`: nothing is; every entry is looked at from the end. */
type Lead =
  | {
      readonly kind: 'record' | 'recordKey' | 'label' | 'plan' | 'person' | 'kind' | 'agent' | 'connection';
      readonly keys: readonly string[];
    }
  | { readonly kind: 'numbers'; readonly keys: readonly number[] }
  /** Part of a name that many have. */
  | { readonly kind: 'newest'; readonly pattern: string | null };

/** What few entries have comes before what many have in common. */
async function leadOf(tx: Tx, tenant: TenantId, search: AuditSearch): Promise<Lead> {
  const { record, label, plan, person, kinds, agent, connection } = search;
  if (record !== null) return { kind: record.includes('/') ? 'record' : 'recordKey', keys: [record] };
  if (label !== null) {
    const pattern = `%${label.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
    const keys = await namesLike(tx, tenant, pattern);
    return keys === null ? { kind: 'newest', pattern } : { kind: 'label', keys };
  }
  if (plan !== null) return { kind: 'plan', keys: [plan] };
  if (person !== null) return { kind: 'person', keys: [person] };
  const systems = connection === null ? [] : await systemsWith(tx, tenant, connection);
  const rare = await rareAmounts(tx, tenant, { ...search, systems });
  if (rare !== null) return { kind: 'numbers', keys: rare };
  if (kinds !== null) return { kind: 'kind', keys: [...new Set(kinds)] };
  if (agent !== null) return { kind: 'agent', keys: [agent] };
  const isNewest = connection === null || systems === null;
  return isNewest ? { kind: 'newest', pattern: null } : { kind: 'connection', keys: systems };
}

/** So many names, or entries of an amount, are few enough to lead; what more have is found from the end soon. */
const FEW = 1_000;
/** Different names, or sets of systems, that are gone through at most. */
const NAMES_MAX = 100_000;

/** Null: many have it, or there are too many to look. */
async function namesLike(tx: Tx, tenant: TenantId, pattern: string): Promise<readonly string[] | null> {
  return fewOf(tx, auditSearchSql.names, [tenant, pattern]);
}

/** What entries about that system have as theirs: it alone, and each set that it is in. Null: too many to look. */
const systemsWith = (tx: Tx, tenant: TenantId, slug: string): Promise<readonly string[] | null> =>
  fewOf(tx, auditSearchSql.systems, [tenant, slug]);

async function fewOf(tx: Tx, text: string, params: readonly SqlParam[]): Promise<readonly string[] | null> {
  const [row] = await tx.query<{ looked: number; found: string[] }>(text, [...params, NAMES_MAX, FEW + 1]);
  return row === undefined || row.looked >= NAMES_MAX || row.found.length > FEW ? null : row.found;
}

/**
 * Null: no amount is asked for, or many entries have it. Together with a system those about several are looked at, too,
 * whatever their whole amount is.
 */
async function rareAmounts(
  tx: Tx,
  tenant: TenantId,
  {
    amountFrom,
    amountTo,
    connection,
    systems,
  }: Pick<AuditSearch, 'amountFrom' | 'amountTo' | 'connection'> & { readonly systems: readonly string[] | null },
): Promise<readonly number[] | null> {
  if ((amountFrom === null && amountTo === null) || systems === null) return null;
  const rows = await tx.query<{ seq: number }>(auditSearchSql.amounts, [tenant, amountFrom, amountTo, FEW + 1]);
  if (rows.length > FEW) return null;
  const together = systems.filter((each) => each !== connection);
  const several =
    together.length === 0 ? [] : await tx.query<{ seq: number }>(auditSearchSql.several, [tenant, together, FEW + 1]);
  return several.length > FEW ? null : [...new Set([...rows, ...several].map(({ seq }) => seq))];
}

/** Numbers of entries, both excluded. */
interface Bounds {
  readonly after: number;
  readonly before: number;
}

/** Between which entries a time lies. */
async function boundsOf(
  tx: Tx,
  tenant: TenantId,
  { from, to }: Pick<AuditSearch, 'from' | 'to'>,
  { before }: AuditPage,
): Promise<Bounds> {
  const end = before ?? Number.MAX_SAFE_INTEGER;
  if (from === null && to === null) return { after: 0, before: end };
  const [found] = await tx.query<{ after: number | null; before: number | null }>(auditSearchSql.bounds, [
    tenant,
    from,
    to,
  ]);
  return { after: found?.after ?? 0, before: Math.min(end, found?.before ?? end) };
}

interface Asked {
  readonly search: AuditSearch;
  readonly bounds: Bounds;
  readonly limit: number;
  readonly pattern?: string | null;
}

/** From the end in growing steps, so that what is found soon costs little whatever a plan of the database expects. */
async function newestOf(tx: Tx, tenant: TenantId, asked: Asked): Promise<FoundAudit[]> {
  const head = await readAuditHead(tx, tenant);
  if (head === null) return [];
  const found: FoundAudit[] = [];
  let before = Math.min(asked.bounds.before, head.seq + 1);
  const least = Math.max(asked.bounds.after, head.floorSeq);
  for (let step = STEP; before > least + 1 && found.length < asked.limit; step *= 4) {
    const after = Math.max(least, before - step);
    const part = { ...asked, bounds: { after, before }, limit: asked.limit - found.length };
    found.push(...(await tx.query<FoundAudit>(auditSearchSql.newest, paramsOf(tenant, part))));
    before = after + 1;
  }
  return found;
}

const STEP = 2_000;

function paramsOf(tenant: TenantId, { search, bounds, limit, pattern = null }: Asked): SqlParam[] {
  const { from, to, agent, person, plan, connection, object, model, kinds, amountFrom, amountTo } = search;
  const places = [tenant, bounds.before, bounds.after, from, to];
  return [...places, agent, person, plan, connection, object, model, kinds, amountFrom, amountTo, pattern, limit];
}
