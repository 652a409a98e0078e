import type { StreamId, TenantId } from '../kernel/index.ts';
import { eraseAuditPayloads } from './audit.ts';
import type { SqlParam, Tx } from './db.ts';
import { count, emptied, fullNames, gone, named, namesRecord, ofRecords, ofUsers, says, told } from './erase-sql.ts';
import { waitingCounts, writeCounts, writeErasures } from './erase-writes.ts';
import { jsonbText } from './jsonb-text.ts';

/** Whose data go, once it is known what of theirs there is. */
export interface ErasureSubject {
  readonly tenant: TenantId;
  readonly records: readonly { readonly stream: StreamId; readonly id: string }[];
  /** Users of the product. */
  readonly principals: readonly string[];
  /** What they are named by in texts, lower-case. */
  readonly texts: readonly string[];
}

/**
 * A kind of place where something about a person can be. `scope`: whether its
 * table is the tenant's or a directory, which only plain transactions change.
 */
interface PlaceOf<Name extends PlaceName> {
  readonly name: Name;
  readonly tables: readonly string[];
  readonly scope: 'tenant' | 'directory';
  readonly by: 'records' | 'principals' | 'texts';
  /** Others' data that only name the person: erased where that was asked for. */
  readonly mention?: true;
}

type PlaceName = keyof typeof erasureCountsSql;
/** Entries of the audit: they are emptied portion by portion, and the chain says which. */
export type AuditPlace = PlaceOf<keyof typeof auditErasuresSql>;
/** What is not over: it is only counted. */
export type WaitingPlace = PlaceOf<keyof typeof waitingCounts>;
export type RowPlace = PlaceOf<Exclude<PlaceName, keyof typeof auditErasuresSql | keyof typeof waitingCounts>>;
export type ErasurePlace = AuditPlace | WaitingPlace | RowPlace;

export const isAuditPlace = (place: ErasurePlace): place is AuditPlace => place.name in auditErasuresSql;
export const isWaitingPlace = (place: ErasurePlace): place is WaitingPlace => place.name in waitingCounts;

const ofAccounts = `payload ->> 'accountId' in (select $1::int::text || '/' || p from unnest($2::text[]) p)`;
const eitherEnd = `((stream, ext_id) in ${ofRecords} or (parent_stream, parent_id) in ${ofRecords})`;
const ofLinks = `link in (select id from principal_link where tenant = $1 and ${ofUsers})`;
const ofSubscriptions = `subscription in (select id from subscription where tenant = $1 and ${ofUsers})`;
const ofLetters = `kind = 'record' and (stream, name) in ${ofRecords}`;
const alertText = says("concat_ws(' ', title, detail, fix, acknowledged ->> 'note')");

// Never what tells of emptied entries: without it these would be taken for emptied by nobody knows whom.
const entry = (where: string): string => `body is not null and kind <> 'subject_erased' and ${where}`;
// By the whole name, which an index has: ids may have slashes, and `record_key` is what follows the last one.
const audited = entry(`record = any(array${fullNames})`);
const auditRecordMentions = entry(namesRecord('body'));
const auditedUsers = entry(ofUsers);
const auditMentions = entry(says('body'));
const ofSwitches = `lifted_at is not null and subject ->> 'principal' = any($2::text[])`;

/** After one of them, some of them. */
const numbers = (where: string): string =>
  `select seq from audit_payload where tenant = $1 and seq > $3 and ${where} order by seq limit $4`;

export const erasureCountsSql = {
  ...writeCounts,
  ...waitingCounts,
  record: count('record', named),
  history: count('record_history', named),
  quarantine: count('quarantine', named),
  dead_letters: count('dead_letter', ofLetters),
  inbox_events: count('inbox_event', told('record_id')),
  deliveries: count('delivery', named),
  comparisons: count('sweep_seen', named),
  shares: count('share', named),
  access_parents: count('access_parent', eitherEnd),
  access_seen: count('access_seen', named),
  access_rechecks: count('access_recheck', named),
  operator_acts: count('operator_act', told('name')),
  changes: count('change', named),
  user_lists: count('access_seen', ofLinks),
  users: count('principal_link', ofUsers),
  user_sign_ins: count('credential', ofUsers),
  user_turns: count('credential_turn', ofUsers),
  local_users: count('local_user', 'name = any($2::text[])'),
  user_subscription_turns: count('subscription_turn', ofSubscriptions),
  user_subscriptions: count('subscription', ofUsers),
  sign_in_links: count('sign_in_link', ofUsers),
  sessions: count('oauth_item', ofAccounts),
  token_cutoffs: count('token_cutoff', ofUsers),
  audit: count('audit_payload', audited),
  user_bars: count(
    'approval',
    'decided_at is not null and exists (select 1 from unnest($2::text[]) p where lower(p) = any(barred))',
  ),
  user_audit: count('audit_payload', auditedUsers),
  user_switches: count('switch', ofSwitches),
  switch_notes: count('switch', says('reason')),
  audit_mentions: count('audit_payload', auditMentions),
  audit_record_mentions: count('audit_payload', auditRecordMentions),
  act_notes: count('operator_act', says('note')),
  alerts: count('alert', alertText),
  connection_notes: count('connection', says("act ->> 'note'")),
  deleted_connection_notes: count('deleted_connection', says('note')),
  object_notes: count('stream', says("paused ->> 'note'")),
  event_notes: count('inbox_event', says("dropped ->> 'reason'")),
  subscription_notes: count('subscription', says('note')),
  erasure_notes: count('erasure', says('note')),
  quarantine_mentions: count('quarantine', `(${says('value')} or ${says('native')})`),
} as const;

export const auditErasuresSql = {
  audit: numbers(audited),
  user_audit: numbers(auditedUsers),
  audit_mentions: numbers(auditMentions),
  audit_record_mentions: numbers(auditRecordMentions),
} as const;

export const erasuresSql: Readonly<Record<RowPlace['name'], string>> = {
  ...writeErasures,
  record: gone('record', named),
  history: gone('record_history', named),
  quarantine: gone('quarantine', named),
  dead_letters: gone('dead_letter', ofLetters),
  inbox_events: gone('inbox_event', told('record_id')),
  deliveries: gone('delivery', named),
  comparisons: gone('sweep_seen', named),
  shares: gone('share', named),
  access_parents: gone('access_parent', eitherEnd),
  access_seen: gone('access_seen', named),
  access_rechecks: gone('access_recheck', named),
  operator_acts: emptied('operator_act', 'name = null', told('name')),
  // The newest change stays: it is never a subject's (restartCopies).
  changes: gone('change', `${named} and seq < (select seq from change_head where tenant = $1)`),
  user_lists: gone('access_seen', ofLinks),
  users: gone('principal_link', ofUsers),
  user_sign_ins: gone('credential', ofUsers),
  user_turns: gone('credential_turn', ofUsers),
  local_users: gone('local_user', 'name = any($2::text[])'),
  user_subscription_turns: gone('subscription_turn', ofSubscriptions),
  user_subscriptions: gone('subscription', ofUsers),
  sign_in_links: gone('sign_in_link', ofUsers),
  sessions: gone('oauth_item', ofAccounts),
  // Tokens that are void must stay void: the name goes, what is compared with it stays (token-cutoffs.ts).
  token_cutoffs: `with gone as (
      delete from token_cutoff where tenant = $1 and ${ofUsers} returning principal, agent, before, cut_by)
    insert into token_cutoff as t (tenant, principal, agent, before, cut_by)
    select $1, '#' || encode(sha256(convert_to($1::int::text || '/' || principal, 'UTF8')), 'hex'), agent, before, cut_by from gone
    on conflict (tenant, principal, agent) do update set before = greatest(t.before, excluded.before)
    returning 1 as gone`,
  // One user of a row at a time; more are none here before it is looked again.
  user_bars: `update approval a set barred = array_replace(a.barred, lower(p), '(erased)') from unnest($2::text[]) p
    where a.tenant = $1 and a.decided_at is not null and lower(p) = any(a.barred) returning 1 as gone`,
  user_switches: emptied('switch', `subject = subject || '{"principal": "(erased)"}'`, ofSwitches),
  switch_notes: emptied('switch', "reason = '(erased)'", says('reason')),
  act_notes: emptied('operator_act', "note = '(erased)'", says('note')),
  alerts: emptied(
    'alert',
    "title = '(erased)', detail = '(erased)', fix = '(erased)', acknowledged = acknowledged || '{\"note\": null}'",
    alertText,
  ),
  connection_notes: emptied('connection', `act = act || '{"note": "(erased)"}'`, says("act ->> 'note'")),
  deleted_connection_notes: emptied('deleted_connection', "note = '(erased)'", says('note')),
  object_notes: emptied('stream', `paused = paused || '{"note": "(erased)"}'`, says("paused ->> 'note'")),
  event_notes: emptied('inbox_event', `dropped = dropped || '{"reason": "(erased)"}'`, says("dropped ->> 'reason'")),
  subscription_notes: emptied('subscription', "note = '(erased)'", says('note')),
  erasure_notes: emptied('erasure', "note = '(erased)'", says('note')),
  quarantine_mentions: emptied('quarantine', 'value = null, native = null', `(${says('value')} or ${says('native')})`),
};

/**
 * Every kind of place, in the order in which they are emptied. Whoever adds a
 * table adds a place here, or says below why it holds nothing about people: a
 * test compares both with the database.
 */
export const erasurePlaces: readonly ErasurePlace[] = [
  { name: 'history', tables: ['record_history'], scope: 'tenant', by: 'records' },
  { name: 'quarantine', tables: ['quarantine'], scope: 'tenant', by: 'records' },
  { name: 'dead_letters', tables: ['dead_letter'], scope: 'tenant', by: 'records' },
  { name: 'inbox_events', tables: ['inbox_event'], scope: 'tenant', by: 'records' },
  { name: 'deliveries', tables: ['delivery', 'delivery_attempt'], scope: 'tenant', by: 'records' },
  { name: 'comparisons', tables: ['sweep_seen'], scope: 'tenant', by: 'records' },
  { name: 'shares', tables: ['share'], scope: 'tenant', by: 'records' },
  { name: 'access_parents', tables: ['access_parent'], scope: 'tenant', by: 'records' },
  { name: 'access_seen', tables: ['access_seen'], scope: 'tenant', by: 'records' },
  { name: 'access_rechecks', tables: ['access_recheck'], scope: 'tenant', by: 'records' },
  { name: 'operator_acts', tables: ['operator_act'], scope: 'tenant', by: 'records' },
  { name: 'user_lists', tables: ['access_seen'], scope: 'tenant', by: 'principals' },
  { name: 'users', tables: ['principal_link', 'standing', 'object_standing'], scope: 'tenant', by: 'principals' },
  { name: 'user_sign_ins', tables: ['credential'], scope: 'tenant', by: 'principals' },
  { name: 'user_turns', tables: ['credential_turn'], scope: 'tenant', by: 'principals' },
  { name: 'local_users', tables: ['local_user'], scope: 'tenant', by: 'principals' },
  { name: 'user_subscription_turns', tables: ['subscription_turn'], scope: 'tenant', by: 'principals' },
  { name: 'user_subscriptions', tables: ['subscription'], scope: 'tenant', by: 'principals' },
  { name: 'sign_in_links', tables: ['sign_in_link'], scope: 'directory', by: 'principals' },
  { name: 'sessions', tables: ['oauth_item'], scope: 'directory', by: 'principals' },
  { name: 'token_cutoffs', tables: ['token_cutoff'], scope: 'directory', by: 'principals' },
  // Contents before the rows that say whose they are.
  { name: 'write_contents', tables: ['write_content'], scope: 'tenant', by: 'records' },
  { name: 'write_journal', tables: ['write_attempt'], scope: 'tenant', by: 'records' },
  { name: 'write_intents', tables: ['write_plan'], scope: 'tenant', by: 'records' },
  { name: 'approvals', tables: ['approval_case'], scope: 'tenant', by: 'records' },
  { name: 'audit', tables: ['audit_payload'], scope: 'tenant', by: 'records' },
  { name: 'writes', tables: ['write'], scope: 'tenant', by: 'records' },
  { name: 'waiting_writes', tables: ['write'], scope: 'tenant', by: 'records' },
  { name: 'waiting_intents', tables: ['write_plan'], scope: 'tenant', by: 'records' },
  { name: 'user_plans', tables: ['write_plan'], scope: 'tenant', by: 'principals' },
  { name: 'user_sendings', tables: ['write_sending'], scope: 'tenant', by: 'principals' },
  { name: 'user_spending', tables: ['policy_spent'], scope: 'tenant', by: 'principals' },
  { name: 'user_approvals', tables: ['approval_case'], scope: 'tenant', by: 'principals' },
  { name: 'user_bars', tables: ['approval'], scope: 'tenant', by: 'principals' },
  { name: 'user_audit', tables: ['audit_payload'], scope: 'tenant', by: 'principals' },
  { name: 'user_switches', tables: ['switch'], scope: 'tenant', by: 'principals' },
  { name: 'open_switches', tables: ['switch'], scope: 'tenant', by: 'principals' },
  { name: 'waiting_plans', tables: ['write_plan'], scope: 'tenant', by: 'principals' },
  { name: 'waiting_sendings', tables: ['write_sending'], scope: 'tenant', by: 'principals' },
  { name: 'waiting_approvals', tables: ['approval_case'], scope: 'tenant', by: 'principals' },
  { name: 'waiting_bars', tables: ['approval'], scope: 'tenant', by: 'principals' },
  { name: 'switch_notes', tables: ['switch'], scope: 'tenant', by: 'texts' },
  { name: 'write_targets', tables: ['write'], scope: 'tenant', by: 'texts' },
  { name: 'plan_notes', tables: ['write_plan'], scope: 'tenant', by: 'texts' },
  { name: 'approval_notes', tables: ['approval'], scope: 'tenant', by: 'texts' },
  { name: 'unwritten_intents', tables: ['write_plan'], scope: 'tenant', by: 'texts' },
  { name: 'unwritten_approvals', tables: ['approval_case'], scope: 'tenant', by: 'texts' },
  { name: 'unwritten_journal', tables: ['write_attempt'], scope: 'tenant', by: 'texts' },
  { name: 'unwritten_contents', tables: ['write_content'], scope: 'tenant', by: 'texts' },
  { name: 'waiting_creates', tables: ['write_content'], scope: 'tenant', by: 'texts' },
  { name: 'intent_mentions', tables: ['write_plan'], scope: 'tenant', by: 'texts', mention: true },
  { name: 'approval_mentions', tables: ['approval_case'], scope: 'tenant', by: 'texts', mention: true },
  { name: 'journal_mentions', tables: ['write_attempt'], scope: 'tenant', by: 'texts', mention: true },
  { name: 'write_mentions', tables: ['write_content'], scope: 'tenant', by: 'texts', mention: true },
  { name: 'waiting_mentions', tables: ['write_content'], scope: 'tenant', by: 'texts', mention: true },
  { name: 'audit_mentions', tables: ['audit_payload'], scope: 'tenant', by: 'texts', mention: true },
  { name: 'audit_record_mentions', tables: ['audit_payload'], scope: 'tenant', by: 'records', mention: true },
  { name: 'act_notes', tables: ['operator_act'], scope: 'tenant', by: 'texts' },
  { name: 'alerts', tables: ['alert'], scope: 'tenant', by: 'texts' },
  { name: 'connection_notes', tables: ['connection'], scope: 'tenant', by: 'texts' },
  { name: 'deleted_connection_notes', tables: ['deleted_connection'], scope: 'tenant', by: 'texts' },
  { name: 'object_notes', tables: ['stream'], scope: 'tenant', by: 'texts' },
  { name: 'event_notes', tables: ['inbox_event'], scope: 'tenant', by: 'texts' },
  { name: 'subscription_notes', tables: ['subscription'], scope: 'tenant', by: 'texts' },
  { name: 'erasure_notes', tables: ['erasure'], scope: 'tenant', by: 'texts' },
  { name: 'quarantine_mentions', tables: ['quarantine'], scope: 'tenant', by: 'texts', mention: true },
  // Last: copies of the records are told apart by what is in these two.
  { name: 'record', tables: ['record'], scope: 'tenant', by: 'records' },
  { name: 'changes', tables: ['change'], scope: 'tenant', by: 'records' },
];

/** Tables with a `tenant` that no erasure of a person touches, and why. */
export const tablesWithoutPeople: Readonly<Record<string, string>> = {
  counter: 'numbers',
  data_key: 'keys',
  schema_version: 'what the provider says of its objects, not of records',
  change_head: 'numbers',
  sweep: 'one place and counts per object',
  sweep_report: 'counts',
  lens_lease: 'processes',
  circuit: 'whether a provider answers',
  webhook: 'addresses and secrets of connections',
  alert_notice: 'routes and causes',
  switch_watch: 'counts by agent and connection',
  access_class: 'hashes of audiences',
  access_class_grantee: "the provider's own ids of users, roles and groups, as rights",
  access_connection: "the provider's settings and role tree, by its own ids",
  access_stream: 'one place and times per object',
  field_set: 'names of fields',
  suppression_salt: 'a random number',
  suppressed: 'salted hashes, which keep what was erased from coming back',
  api_key: "hashes, and names of the product's agents",
  oauth_state: 'sealed, and gone within minutes',
  write_line: 'numbers',
  write_request: "hashes, and the caller's own keys",
  write_take_back: 'numbers of steps and writes, and words of ours',
  write_turn: 'times and processes',
  approval_notice: "routes, and approvers, who are the installation's own",
  approval_turn: 'times and processes',
  approval_link: 'hashes, and approvers',
  policy_spending: 'a number',
  audit_turn: 'times and processes',
  audit_head: 'hashes',
  audit_entry: 'salted commitments; what was said lies in audit_payload',
  audit_checkpoint: 'hashes and signatures',
  overlay: 'what the product team wrote',
  connection_chore: 'work that is due',
  connect_token: "hashes, and the operator's name",
  tenant_due: 'times',
  webhook_address: 'addresses of connections',
  inbox_turn: 'times and processes',
  event_line: 'places and processes',
  webhook_registration: "the provider's own numbers",
  alert_turn: 'times and processes',
  access_turn: 'times and processes',
  erasure_turn: 'times',
  offboarding: 'what is left of a tenant that left',
};

/** What is there of the subject, or would be changed by erasing. */
export async function countPlace(tx: Tx, { name, by }: ErasurePlace, subject: ErasureSubject): Promise<number> {
  const params = paramsOf(by, subject);
  if (params === null) return 0;
  const text = erasureCountsSql[name];
  return (await tx.query<{ n: number }>(text, params))[0]?.n ?? 0;
}

/** Returns how many rows went or were emptied; a second time there are none. */
export async function erasePlace(tx: Tx, { name, by }: RowPlace, subject: ErasureSubject): Promise<number> {
  const params = paramsOf(by, subject);
  if (params === null) return 0;
  const text = erasuresSql[name];
  return (await tx.query(text, params)).length;
}

/**
 * Empties entries after `after`, `limit` at the most. Their numbers, for the
 * entry that tells of them, and after which to go on; null: there are no more.
 */
export async function eraseAuditPlace(
  tx: Tx,
  { name, by }: AuditPlace,
  subject: ErasureSubject,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<{ readonly emptied: readonly number[]; readonly next: number | null }> {
  const params = paramsOf(by, subject);
  if (params === null) return { emptied: [], next: null };
  const text = auditErasuresSql[name];
  const rows = await tx.query<{ seq: number }>(text, [...params, after, limit]);
  const seqs = rows.map(({ seq }) => seq);
  const next = seqs.length < limit ? null : (seqs.at(-1) ?? null);
  return { emptied: await eraseAuditPayloads(tx, subject.tenant, seqs), next };
}

/** Null: nothing can be there. */
function paramsOf(by: ErasurePlace['by'], subject: ErasureSubject): readonly SqlParam[] | null {
  const { tenant, records, principals, texts } = subject;
  switch (by) {
    case 'records': {
      const names = records.map(({ stream, id }) => [stream, id]);
      return names.length === 0 ? null : [tenant, jsonbText(JSON.stringify(names))];
    }
    case 'principals':
      return principals.length === 0 ? null : [tenant, [...principals]];
    case 'texts':
      return texts.length === 0 ? null : [tenant, [...texts]];
  }
}
