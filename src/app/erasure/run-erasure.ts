import { createHash } from 'node:crypto';
import type { AuditEntry } from '../../audit/index.ts';
import { canonicalJson, limits, type Json, type JsonObject, type TenantId } from '../../kernel/index.ts';
import {
  countSuppressed,
  currentSchemas,
  emailsOfPrincipals,
  cutTokens,
  endErasureTurn,
  erasurePlaces,
  isWaitingPlace,
  keepErasure,
  lockErasure,
  readDocuments,
  readErasure,
  setErasureTurn,
  suppressPeople,
  type ErasureKey,
  type ErasureRow,
  type Tx,
} from '../../store/index.ts';
import { clearPlaces, countPlaces, type Counts } from './clear-places.ts';
import type { ErasureDeps } from './deps.ts';
import { isErasing, nextErasureState, type ErasureEvent, type ErasureState } from './erasure-state.ts';
import { findSubject } from './find-subject.ts';
import { hideRecords } from './hide-records.ts';
import type { Dossier } from './selectors.ts';
import { emailsOf } from './whose-record.ts';

/**
 * Does the next step of an erasure, from wherever it stands; each ends with a
 * transaction, so that any process may do the next. False: it has ended.
 */
export async function stepErasure(deps: ErasureDeps, key: ErasureKey): Promise<boolean> {
  const { row, dossier } = await open(deps, key);
  if (row === null || dossier === null || !isErasing(row.state as ErasureState)) return false;
  switch (row.state as ErasureState) {
    case 'asked':
      await hide(deps, key, row, dossier);
      return true;
    case 'hidden':
      await clearPlaces(
        {
          db: deps.db,
          tenant: key.tenant,
          erasure: key.id,
          dossier,
          audit: deps.audit,
          key: deps.key,
          beat: () => beat(deps, key),
        },
        row.mentions,
      );
      await move(deps, key, 'emptied', 'erasure.emptied');
      return true;
    case 'cleared':
      await deps.lens.rebuild(key.tenant);
      if (deps.hasSnapshots) await deps.lens.snapshot(key.tenant);
      await move(deps, key, 'rebuilt', 'erasure.rebuilt');
      return true;
    default:
      return lookAgain(deps, key, row, dossier);
  }
}

function open(
  { db, dossiers }: ErasureDeps,
  key: ErasureKey,
): Promise<{ readonly row: ErasureRow | null; readonly dossier: Dossier | null }> {
  const { tenant, id } = key;
  return db.tenantRead(tenant, async (tx) => {
    const row = await readErasure(tx, key);
    const sealed = row?.subject ?? null;
    return { row, dossier: sealed === null ? null : await dossiers.open(tx, tenant, id, sealed) };
  });
}

/** Whoever looks meanwhile finds that somebody is at it. */
async function beat({ db }: ErasureDeps, key: ErasureKey): Promise<void> {
  await db.tenantTx(
    key.tenant,
    (tx) => setErasureTurn(tx, key, new Date(tx.now.getTime() + limits.choreLeaseMs)),
    'erasure.hold_turn',
  );
}

async function hide(deps: ErasureDeps, key: ErasureKey, row: ErasureRow, known: Dossier): Promise<void> {
  const { db, dossiers } = deps;
  const { tenant, id } = key;
  const finding = { db, tenant, beat: () => beat(deps, key) };
  const { streams: _streams, ...dossier } = await findSubject(finding, known.selectors, known);
  const found = row.rounds > 0 ? row.found : await countFound(deps, tenant, dossier);
  for (const principal of await usersAmong(deps, tenant, dossier)) {
    await db.tx((tx) => cutTokens(tx, { tenant, principal, agent: '', by: row.askedBy }), 'erasure.end_tokens');
  }
  await db.tenantTx(
    tenant,
    async (tx) => {
      const present = await lockErasure(tx, key);
      if (present?.state !== 'asked') return;
      const addresses = await addressesOfNamed(tx, tenant, dossier);
      await hideRecords(tx, { tenant, erasure: id, mentions: present.mentions }, dossier);
      const names = [
        ...dossier.principals,
        ...(await emailsOfPrincipals(tx, tenant, dossier.principals)),
        ...addresses,
      ];
      await suppressPeople(tx, { tenant, erasure: id }, names);
      const mentions = present.mentions ? dossier.mentions.filter(({ ver }) => ver === null).length : 0;
      const removed = mentions === 0 ? present.removed : { ...present.removed, record_mentions: mentions };
      const subject = await dossiers.seal(tx, tenant, id, dossier);
      await advance(tx, tenant, { ...present, subject, found, removed }, 'hid');
    },
    'erasure.hide',
  );
}

/** Who was named by records alone is known by the addresses in these, so that linking by e-mail passes them over as well. */
async function addressesOfNamed(tx: Tx, tenant: TenantId, { selectors, own }: Dossier): Promise<string[]> {
  const objects = new Map((await currentSchemas(tx, tenant)).map(({ stream, object }) => [stream, object]));
  const named = new Set(selectors.records.map(({ id }) => id));
  const addresses: string[] = [];
  for (const stream of new Set(own.map((record) => record.stream))) {
    const ids = own.flatMap((record) => (record.stream === stream && named.has(record.id) ? [record.id] : []));
    for (const { docText } of await readDocuments(tx, { tenant, stream }, ids)) {
      addresses.push(...emailsOf(JSON.parse(docText) as JsonObject, objects.get(stream) ?? null));
    }
  }
  return addresses;
}

/** Those that were named as users, or of whom as a user something is here: nobody else has tokens. */
async function usersAmong({ db }: ErasureDeps, tenant: TenantId, dossier: Dossier): Promise<string[]> {
  const users = new Set(dossier.selectors.users);
  for (const principal of dossier.principals) {
    const own = { ...dossier, principals: [principal] };
    const found = await countPlaces(db, tenant, own, ({ by }) => by === 'principals');
    if (Object.keys(found).length > 0) users.add(principal);
  }
  return [...users];
}

/** By kind of place, with the records of others that name the person. */
export async function countFound(deps: Pick<ErasureDeps, 'db'>, tenant: TenantId, dossier: Dossier): Promise<Counts> {
  const live = dossier.mentions.filter(({ ver }) => ver === null).length;
  const past = dossier.mentions.length - live;
  return {
    ...(await countPlaces(deps.db, tenant, dossier)),
    ...(live === 0 ? {} : { record_mentions: live }),
    ...(past === 0 ? {} : { history_mentions: past }),
  };
}

async function move(deps: ErasureDeps, key: ErasureKey, event: ErasureEvent, place: string): Promise<void> {
  await deps.db.tenantTx(
    key.tenant,
    async (tx) => {
      const row = await lockErasure(tx, key);
      if (row !== null) await advance(tx, key.tenant, row, event);
    },
    place,
  );
}

/** Nothing where the event cannot happen in that state: another process was quicker. */
async function advance(tx: Tx, tenant: TenantId, row: ErasureRow, event: ErasureEvent): Promise<void> {
  const to = nextErasureState(row.state as ErasureState, event);
  if (to === null) return;
  await keepErasure(tx, tenant, { ...row, state: to, stateSince: tx.now });
  if (!isErasing(to)) await endErasureTurn(tx, { tenant, id: row.id });
}

/** Whether anything came in meanwhile: then once more; else the proof, and who it was is forgotten. */
async function lookAgain(deps: ErasureDeps, key: ErasureKey, row: ErasureRow, known: Dossier): Promise<boolean> {
  const { db } = deps;
  const { tenant } = key;
  const finding = { db, tenant, beat: () => beat(deps, key) };
  const { streams: _streams, ...dossier } = await findSubject(finding, known.selectors, known);
  const {
    record_mentions: records = 0,
    history_mentions: past = 0,
    ...places
  } = await countFound(deps, tenant, dossier);
  const waiting = new Set<string>(erasurePlaces.filter(isWaitingPlace).map(({ name }) => name));
  const mentioned = new Set<string>(erasurePlaces.flatMap(({ name, mention }) => (mention === true ? [name] : [])));
  const left = Object.fromEntries(
    Object.entries({ ...places, record_mentions: records, history_mentions: past }).filter(([, count]) => count > 0),
  );
  const isMention = (name: string): boolean =>
    mentioned.has(name) || name === 'record_mentions' || name === 'history_mentions';
  // What is kept beside a void token is a hash.
  const isOwed = (name: string): boolean => row.mentions || !isMention(name);
  // What waits is left however often it is gone round.
  const owed = Object.keys(left).filter((name) => isOwed(name) && !waiting.has(name));
  const split = (mine: boolean): Counts =>
    Object.fromEntries(Object.entries(left).filter(([name]) => isOwed(name) === mine));
  const again = (owed.length > 0 || dossier.own.length > known.own.length) && row.rounds < limits.erasureRoundsMax;
  await db.tenantTx(
    tenant,
    async (tx) => {
      const present = await lockErasure(tx, key);
      if (present?.state !== 'copied') return;
      if (again) return advance(tx, tenant, { ...present, rounds: present.rounds + 1 }, 'found_more');
      const suppressed = await countSuppressed(tx, tenant, key.id);
      const proof = proofOf(present, tx.now, { left: split(true), notAsked: split(false), suppressed });
      const ended = { ...present, subject: null, proof, proofHash: hashOfProof(proof), endedAt: tx.now };
      await advance(tx, tenant, ended, 'proven');
      await deps.audit(tx, tenant, [erasedEntry(ended, proof)]);
    },
    'erasure.prove',
  );
  return again;
}

function proofOf(
  row: ErasureRow,
  now: Date,
  end: { readonly left: Counts; readonly notAsked: Counts; readonly suppressed: number },
): JsonObject {
  return {
    kind: 'gantry_erasure',
    version: 1,
    erasure: row.id,
    subject_hash: row.subjectHash,
    asked_by: row.askedBy,
    asked_at: row.askedAt.toISOString(),
    ended_at: now.toISOString(),
    mentions: row.mentions,
    rounds: row.rounds + 1,
    found: row.found,
    removed: row.removed,
    left: end.left,
    /** What of others names the person; its erasure was not asked for. */
    not_asked: end.notAsked,
    /** Records, and fields of records, that are left out when their source tells of them again. */
    suppressed: end.suppressed,
    copies_made_anew: true,
    /** Of what was asked for. */
    complete: Object.keys(end.left).length === 0,
  };
}

/**
 * What happened, how much of it, and on whose word. Entries of this kind are
 * never emptied: the note, in which somebody may be named all the same, stands
 * with the erasure only.
 */
const erasedEntry = ({ id, askedBy, proofHash }: ErasureRow, { removed = {} }: JsonObject): AuditEntry => ({
  kind: 'subject_erased',
  actor: { kind: 'operator', name: askedBy },
  subject: {},
  reason: null,
  amount: null,
  detail: { erasure: id, removed, proof_sha256: proofHash },
});

/** SHA-256 of the document in canonical spelling: keys sorted, no white space. */
export const hashOfProof = (proof: Json): string => createHash('sha256').update(canonicalJson(proof)).digest('hex');
