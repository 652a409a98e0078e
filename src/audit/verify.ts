import { limits, type TenantId } from '../kernel/index.ts';
import {
  extraAuditPayloads,
  readAuditHead,
  readAuditPage,
  type AuditColumns,
  type AuditHead,
  type AuditRow,
  type Db,
  type KeptAuditRow,
} from '../store/index.ts';
import { commitmentOf, genesis, hex, linkHash, sameBytes } from './chain.ts';
import { readEmptied, type SignedBy } from './emptied-entry.ts';
import { columnsOf, readBody } from './entry-body.ts';
import type { PublicKeys } from './signature.ts';

/** A statement of what the chain's end was, made then and kept elsewhere. */
export interface Checkpoint {
  readonly seq: number;
  readonly hash: Uint8Array;
  /** When it was signed. */
  readonly at?: Date;
  /** It proves nothing: it names a key that is not known here. What it would prove is told otherwise than where nothing would. */
  readonly keyUnknown?: true;
}

/**
 * - body_changed: what an entry says is not what it committed to
 * - columns_changed: what an entry is searched by is not what it says
 * - entry_changed: number, time, kind or commitment were changed, or entries changed places
 * - entry_missing, payload_missing: removed
 * - erased_untold: a body is gone, and no entry says that it was erased
 * - erased_unsigned: a body is gone, and the entry that says so is not signed by one of the keys
 * - erased_key_unknown: a body is gone, and the entry that says so names a key that is not among them
 * - payload_extra: something is said that stands in no chain
 * - begin_missing: entries were removed, and no checkpoint proves that they were old enough
 * - begin_key_unknown: entries were removed, and what may prove that they were old enough names a key that is not known
 * - end_missing: the chain ends before its head or a checkpoint says
 * - head_changed: the note of where the chain ends is not what the chain says
 * - checkpoint_differs: the chain was made anew after the checkpoint
 */
export type AuditFindingKind =
  | 'body_changed'
  | 'columns_changed'
  | 'entry_changed'
  | 'entry_missing'
  | 'payload_missing'
  | 'erased_untold'
  | 'erased_unsigned'
  | 'erased_key_unknown'
  | 'payload_extra'
  | 'begin_missing'
  | 'begin_key_unknown'
  | 'end_missing'
  | 'head_changed'
  | 'checkpoint_differs';

export interface AuditFinding {
  readonly kind: AuditFindingKind;
  readonly seq: number;
}

export interface AuditReport {
  /** Entries that were looked at. */
  readonly entries: number;
  readonly erased: number;
  /** Number of the last entry, and its hash. */
  readonly end: { readonly seq: number; readonly hash: string };
  /** The first `findingsMax` of each kind; none: nothing was changed, removed, moved or added but at the end. */
  readonly findings: readonly AuditFinding[];
  /** Ids of keys that are not known here and are said to have signed what was erased. */
  readonly unknownKeys: readonly string[];
}

/** What is found after that many of its kind says nothing new; of another kind it does. */
const findingsMax = 100;
const pageRows = 5000;

/**
 * Reads a tenant's whole chain and works it out anew. Somebody who may change
 * the database in any way can only make the whole chain anew from some entry on:
 * that is what `checkpoints`, kept outside of it, show. Nor can they say of a
 * body that an erasure emptied it: that is signed, by one of `publicKeys`.
 * Entries may be added meanwhile.
 */
export async function verifyAudit(
  db: Db,
  tenant: TenantId,
  checkpoints: readonly Checkpoint[] = [],
  publicKeys: PublicKeys = new Map(),
): Promise<AuditReport> {
  const emptiedIn = (row: AuditRow) => readEmptied(tenant, row, publicKeys);
  for (;;) {
    const { now, head } = await headOf(db, tenant);
    const walk = newWalk(head, checkpoints, emptiedIn);
    if (head !== null) checkBegin(walk, head, checkpoints, now);
    await walkOn(db, tenant, walk);
    let end = (await headOf(db, tenant)).head;
    // What was added since the last page.
    for (let from = -1; end !== null && end.seq > walk.seq && from !== walk.seq;) {
      from = walk.seq;
      await walkOn(db, tenant, walk);
      ({ head: end } = await headOf(db, tenant));
    }
    // Old entries were removed under our eyes: what seemed to be missing is not.
    if ((end?.floorSeq ?? 0) !== (head?.floorSeq ?? 0)) continue;
    const extra = await db.tenantRead(tenant, (tx) => extraAuditPayloads(tx, tenant, findingsMax));
    return ended(walk, end, extra);
  }
}

/** How far a verification is, and what it found. */
interface Walk {
  seq: number;
  hash: Uint8Array;
  entries: number;
  erased: number;
  readonly findings: AuditFinding[];
  /** How many findings there are by kind. */
  readonly found: Map<AuditFindingKind, number>;
  /** Hashes that checkpoints say, by number; two that differ are one too many. */
  readonly expected: Map<number, Uint8Array[]>;
  /** Empty ones, and those that entries say were erased, by who signed that. */
  readonly empty: Set<number>;
  readonly told: Readonly<Record<SignedBy, Set<number>>>;
  readonly unknownKeys: Set<string>;
  readonly emptiedIn: EmptiedIn;
}

type EmptiedIn = (row: AuditRow) => ReturnType<typeof readEmptied>;

function newWalk(head: AuditHead | null, checkpoints: readonly Checkpoint[], emptiedIn: EmptiedIn): Walk {
  const expected = new Map<number, Uint8Array[]>();
  for (const { seq, hash, keyUnknown = false } of checkpoints) {
    if (!keyUnknown) expected.set(seq, [...(expected.get(seq) ?? []), hash]);
  }
  const { floorSeq = 0, floorHash = genesis } = head ?? {};
  return {
    seq: floorSeq,
    hash: floorHash,
    entries: 0,
    erased: 0,
    findings: [],
    found: new Map(),
    expected,
    empty: new Set(),
    told: { us: new Set(), nobody: new Set(), key_unknown: new Set() },
    unknownKeys: new Set(),
    emptiedIn,
  };
}

const headOf = (db: Db, tenant: TenantId) =>
  db.tenantRead(tenant, async (tx) => ({ now: tx.now, head: await readAuditHead(tx, tenant) }));

function find(walk: Walk, kind: AuditFindingKind, seq: number): void {
  if (isTold(walk, kind)) return;
  walk.findings.push({ kind, seq });
  walk.found.set(kind, (walk.found.get(kind) ?? 0) + 1);
}

const isTold = ({ found }: Walk, kind: AuditFindingKind): boolean => (found.get(kind) ?? 0) >= findingsMax;

/**
 * What is said to be removed by age: a checkpoint alone proves that it was old
 * enough. All up to its number was there when it was signed, and nobody without
 * the key signs one of long ago. So a beginning that no checkpoint as old as
 * entries are kept at least reaches was removed before its time; that the
 * checkpoint is of this chain is looked at like that of any other.
 */
function checkBegin(
  walk: Walk,
  { floorSeq, floorHash }: AuditHead,
  checkpoints: readonly Checkpoint[],
  now: Date,
): void {
  const keptSince = now.getTime() - limits.auditKeepDaysMin * DAY_MS + HOUR_MS;
  const old = checkpoints.filter(({ seq, at }) => seq >= floorSeq && at !== undefined && at.getTime() <= keptSince);
  if (floorSeq > 0 && !old.some(({ keyUnknown = false }) => !keyUnknown)) {
    find(walk, old.length === 0 ? 'begin_missing' : 'begin_key_unknown', floorSeq);
  }
  for (const said of walk.expected.get(floorSeq) ?? []) {
    if (!sameBytes(said, floorHash)) find(walk, 'checkpoint_differs', floorSeq);
  }
}

/** To the last entry that there is now. */
async function walkOn(db: Db, tenant: TenantId, walk: Walk): Promise<void> {
  for (;;) {
    const after = walk.seq;
    const rows = await db.tenantRead(tenant, (tx) => readAuditPage(tx, tenant, after, pageRows));
    for (const row of rows) take(walk, row);
    if (rows.length < pageRows) return;
  }
}

function take(walk: Walk, row: KeptAuditRow): void {
  for (let missing = walk.seq + 1; missing < row.seq && !isTold(walk, 'entry_missing'); missing += 1) {
    find(walk, 'entry_missing', missing);
  }
  const isNext = row.seq === walk.seq + 1;
  if (isNext && !sameBytes(linkHash(walk.hash, row), row.hash)) find(walk, 'entry_changed', row.seq);
  for (const said of walk.expected.get(row.seq) ?? []) {
    if (!sameBytes(said, row.hash)) find(walk, 'checkpoint_differs', row.seq);
  }
  const state = payloadState(row);
  if (state === 'erased') {
    walk.erased += 1;
    walk.empty.add(row.seq);
  } else if (state !== 'whole') find(walk, state, row.seq);
  const { entries: named = [], signedBy = 'nobody', key = null } = walk.emptiedIn(row) ?? {};
  if (signedBy === 'key_unknown' && key !== null) walk.unknownKeys.add(key);
  for (const each of named) walk.told[signedBy].add(each);
  // Going on from what stands there: one change is one finding.
  walk.seq = row.seq;
  walk.hash = row.hash;
  walk.entries += 1;
}

function ended(walk: Walk, head: AuditHead | null, extra: readonly number[]): AuditReport {
  const { seq, hash, entries, erased, findings, empty, told, expected } = walk;
  for (const each of empty) {
    if (told.us.has(each)) continue;
    const isClaimed = told.nobody.has(each);
    find(
      walk,
      told.key_unknown.has(each) ? 'erased_key_unknown' : isClaimed ? 'erased_unsigned' : 'erased_untold',
      each,
    );
  }
  for (const each of extra) find(walk, 'payload_extra', each);
  if (head !== null && head.seq > seq) find(walk, 'end_missing', seq + 1);
  // A chain whose note is gone begins anew with the next entry.
  const isOther = head === null ? seq > 0 : head.seq < seq || (head.seq === seq && !sameBytes(head.hash, hash));
  if (isOther) find(walk, 'head_changed', seq);
  for (const each of expected.keys()) if (each > seq) find(walk, 'end_missing', each);
  return { entries, erased, end: { seq, hash: hex(hash) }, findings, unknownKeys: [...walk.unknownKeys] };
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

function payloadState(row: KeptAuditRow): 'whole' | 'erased' | 'payload_missing' | 'body_changed' | 'columns_changed' {
  const { salt, body, commitment, saidAt, saidKind } = row;
  if (saidAt !== null && (saidAt.getTime() !== row.at.getTime() || saidKind !== row.kind)) return 'columns_changed';
  if (salt === null && body === null) return isEmpty(row) ? 'erased' : 'columns_changed';
  if (salt === null || body === null) return 'payload_missing';
  if (!sameBytes(commitmentOf(salt, body), commitment)) return 'body_changed';
  const said = readBody(body);
  return said !== null && sameColumns(columnsOf(said), row) ? 'whole' : 'columns_changed';
}

const searched = [
  'agent',
  'principal',
  'operator',
  'plan',
  'connection',
  'object',
  'model',
  'record',
  'recordKey',
  'label',
  'amount',
] as const;

const sameColumns = (one: AuditColumns, other: AuditColumns): boolean =>
  searched.every((name) => one[name] === other[name]);

const isEmpty = (row: AuditColumns): boolean => searched.every((name) => row[name] === null);
