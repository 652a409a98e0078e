import type { ErasureRequest, ErasureUseCases } from '../../api/index.ts';
import type { AuditEntry } from '../../audit/index.ts';
import { GantryError, limits, type JsonObject, type TenantId } from '../../kernel/index.ts';
import {
  addErasure,
  dropErasure,
  keepErasure,
  liftSuppression,
  listErasures,
  lockErasure,
  nextErasure,
  presentRecords,
  readErasure,
  setErasureTurn,
  suppressionSalt,
  type ErasureKey,
  type ErasureRow,
} from '../../store/index.ts';
import { requireTenant } from '../connections/connection-use-cases.ts';
import { actorOf } from '../identity/actor.ts';
import { countPlaces } from './clear-places.ts';
import type { ErasureDeps } from './deps.ts';
import { nextErasureState, type ErasureState } from './erasure-state.ts';
import { findSubject, type Found } from './find-subject.ts';
import { countFound, stepErasure } from './run-erasure.ts';
import { hashOfSelectors, readSelectors, type FoundRecord } from './selectors.ts';

/** Erasing people's data, as operators ask for it. */
export function createErasureUseCases(deps: ErasureDeps): ErasureUseCases {
  const { db } = deps;
  return {
    async report(_operator, request) {
      const tenant = await requireTenant(db, request.tenant);
      const finding = { db, tenant, beat: async () => undefined };
      const found = await findSubject(finding, readSelectors(request), null);
      const unknown = await unknownRecords(deps, tenant, found);
      return {
        dry_run: true,
        places: await countFound(deps, tenant, found),
        ...objectsOf({ ...found, own: found.own.filter((record) => !unknown.includes(record)) }),
        not_known_here: unknownNames(found, unknown),
      };
    },
    async erase(operator, request) {
      const tenant = await requireTenant(db, request.tenant);
      const key = await begin(deps, tenant, request, actorOf(operator, request.by));
      await carryOn(deps, key);
      return show(deps, key);
    },
    async list(_operator, { tenant: slug }) {
      const tenant = await requireTenant(db, slug);
      const rows = await db.tenantRead(tenant, (tx) => listErasures(tx, tenant, limits.erasuresListed));
      return rows.map(erasureReport);
    },
    async show(_operator, { tenant: slug, erasure }) {
      return show(deps, { tenant: await requireTenant(db, slug), id: erasure });
    },
    async lift(operator, { tenant: slug, erasure, by }) {
      const tenant = await requireTenant(db, slug);
      const key = { tenant, id: erasure };
      const lifted = await db.tenantTx(
        tenant,
        async (tx) => {
          const row = await lockErasure(tx, key);
          if (row === null) throw noErasure(key);
          const to = nextErasureState(row.state as ErasureState, 'lifted');
          if (to === null) throw conflict(row);
          const count = await liftSuppression(tx, tenant, erasure);
          const act = { by: actorOf(operator, by), at: tx.now.toISOString(), count };
          await keepErasure(tx, tenant, { ...row, state: to, stateSince: tx.now, lifted: act });
          await deps.audit(tx, tenant, [liftedEntry(erasure, act)]);
          return count;
        },
        'erasure.lift',
      );
      return { ...(await show(deps, key)), let_in_again: lifted };
    },
  };
}

/** As of the erasure itself: numbers, and on whose word. */
const liftedEntry = (erasure: number, { by, count }: { readonly by: string; readonly count: number }): AuditEntry => ({
  kind: 'erasure_lifted',
  actor: { kind: 'operator', name: by },
  subject: {},
  reason: null,
  amount: null,
  detail: { erasure, let_in_again: count },
});

async function begin(
  { db, dossiers, random }: ErasureDeps,
  tenant: TenantId,
  request: ErasureRequest,
  by: string,
): Promise<ErasureKey> {
  const selectors = readSelectors(request);
  return db.tenantTx(
    tenant,
    async (tx) => {
      const salt = await suppressionSalt(tx, tenant, random.bytes(32));
      const id = await nextErasure(tx, tenant);
      const dossier = { selectors, principals: [], own: [], mentions: [] };
      const row = {
        id,
        state: 'asked',
        subject: await dossiers.seal(tx, tenant, id, dossier),
        subjectHash: hashOfSelectors(salt, selectors),
        mentions: request.mentions,
        askedBy: by,
        note: request.note,
      } as const;
      await addErasure(tx, tenant, row, new Date(tx.now.getTime() + limits.choreLeaseMs));
      return { tenant, id };
    },
    'erasure.ask',
  );
}

/**
 * Step by step, as long as whoever asked waits; the rest is left to the lane.
 * What cannot be done as it was asked for is theirs to mend, and nothing of it
 * stays, unless something has been done already.
 */
async function carryOn(deps: ErasureDeps, key: ErasureKey): Promise<void> {
  const { clock } = deps;
  const untilMs = clock.monotonicMs() + limits.erasureAnswerMs;
  let more = true;
  try {
    while (more && clock.monotonicMs() < untilMs) more = await stepErasure(deps, key);
  } catch (error) {
    if (error instanceof GantryError) await deps.db.tenantTx(key.tenant, (tx) => dropErasure(tx, key), 'erasure.drop');
    throw error;
  }
  if (!more) return;
  await deps.db.tenantTx(key.tenant, (tx) => setErasureTurn(tx, key, tx.now), 'erasure.leave_rest');
}

async function show({ db }: ErasureDeps, key: ErasureKey): Promise<JsonObject> {
  const row = await db.tenantRead(key.tenant, (tx) => readErasure(tx, key));
  if (row === null) throw noErasure(key);
  return erasureReport(row);
}

function erasureReport(row: ErasureRow): JsonObject {
  const { id, state, stateSince, mentions, askedBy, note, askedAt, found, removed, proof, proofHash, endedAt } = row;
  return {
    erasure: id,
    state,
    state_since: stateSince.toISOString(),
    asked_by: askedBy,
    asked_at: askedAt.toISOString(),
    note,
    mentions,
    found,
    removed,
    ended_at: endedAt?.toISOString() ?? null,
    proof,
    proof_sha256: proofHash,
    lifted: row.lifted,
  };
}

/** By connection and object: how many records are the person's, and how many of others name them. */
function objectsOf({ streams, own, mentions }: Found): JsonObject {
  const names = new Map(streams.map(({ stream, slug, object }) => [stream, `${slug}/${object}`]));
  const counted = (records: readonly FoundRecord[]): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const { stream } of records) {
      const name = names.get(stream) ?? 'gone';
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  };
  return {
    records: counted(own),
    mentions: counted(mentions.filter(({ ver }) => ver === null)),
    past_mentions: counted(mentions.filter(({ ver }) => ver !== null)),
  };
}

/** Records that were named and of which nothing is here, under that id: most likely a slip of the pen. */
async function unknownRecords(
  { db }: Pick<ErasureDeps, 'db'>,
  tenant: TenantId,
  { selectors, own, streams }: Found,
): Promise<FoundRecord[]> {
  if (selectors.records.length === 0) return [];
  const unknown: FoundRecord[] = [];
  for (const { stream } of streams) {
    const records = own.filter((record) => record.stream === stream);
    const ids = records.map(({ id }) => id);
    const present = await db.tenantRead(tenant, (tx) => presentRecords(tx, { tenant, stream }, ids));
    const live = new Set(present.map(({ id }) => id));
    for (const record of records.filter(({ id }) => !live.has(id))) {
      const dossier = { selectors, principals: [], own: [record], mentions: [] };
      const places = await countPlaces(db, tenant, dossier, ({ by }) => by === 'records');
      if (Object.keys(places).length === 0) unknown.push(record);
    }
  }
  return unknown;
}

/** Without those of which something is here under another connection of that name. */
function unknownNames({ streams, own }: Found, unknown: readonly FoundRecord[]): string[] {
  const names = new Map(streams.map(({ stream, slug, object }) => [stream, `${slug}/${object}`]));
  const nameOf = ({ stream, id }: FoundRecord): string => `${names.get(stream) ?? 'gone'}/${id}`;
  const known = new Set(own.filter((record) => !unknown.includes(record)).map(nameOf));
  return [...new Set(unknown.map(nameOf))].filter((name) => !known.has(name));
}

const noErasure = ({ id }: ErasureKey): GantryError =>
  new GantryError('not_found', { message: `There is no erasure ${String(id)}.`, where: 'erasure' });

const conflict = ({ id, state }: ErasureRow): GantryError =>
  new GantryError('erasure_state_conflict', {
    message: `Erasure ${String(id)} is ${state}.`,
    where: 'erasure',
    data: { state },
  });
