import { limits, type StreamId, type TenantId } from '../kernel/index.ts';
import {
  changeLetter,
  latestSchemaVersion,
  listLetters,
  lockLetterById,
  quarantinedIds,
  removeLetters,
  requestSync,
  type DeadLetterRow,
  type StreamRow,
  type Tx,
} from '../store/index.ts';
import { nextLetterState, type DeadLetterState } from './dead-letter-state.ts';
import { askBackfill } from './ask-backfill.ts';
import { leftOutIn, noteDeadRecord } from './dead-letters.ts';
import type { SyncDeps, SyncTarget } from './deps.ts';
import { refreshSchema } from './discover.ts';
import { keepAround } from './keep-around.ts';
import { keepRecords } from './keep-records.ts';
import { normaliseRecord, type NormalRecord } from './normalise-record.ts';
import { readEach } from './read-each.ts';

export interface Replay {
  /** Records that were asked for again. */
  readonly asked: number;
  /** Of them: read, and kept as they are now. */
  readonly read: number;
  /** Not answered: gone upstream, or hidden from the connected user. */
  readonly missing: number;
  /** Cannot be read even now. */
  readonly dead: number;
  /** Pages that the next run tries again. */
  readonly pages: number;
}

const NOTHING: Replay = { asked: 0, read: 0, missing: 0, dead: 0, pages: 0 };

/**
 * Reads the records of an object again that have values in quarantine, by the
 * schema as it is now: what fits today leaves the quarantine. For values that
 * were too large to be kept (replay-kept.ts tries the others without a call).
 * Raises what the connector raises; the portions before stay kept.
 */
export async function rereadQuarantine(deps: SyncDeps, target: SyncTarget, stream: StreamRow): Promise<Replay> {
  const { tenant } = target;
  let total = NOTHING;
  let after = '';
  for (;;) {
    const request = { tenant, stream: stream.id, after, limit: limits.recordsByIdMax };
    const ids = await deps.db.tenantRead(tenant, (tx) => quarantinedIds(tx, request));
    total = addReplays(total, await readAgain(deps, target, stream, ids));
    after = ids.at(-1) ?? '';
    if (ids.length < limits.recordsByIdMax) return total;
  }
}

/**
 * Tries again what was set aside of an object, all of it or the named letters:
 * its records now, its pages with the run that becomes due.
 */
export async function replayDeadLetters(
  deps: SyncDeps,
  target: SyncTarget,
  stream: StreamRow,
  only?: readonly number[],
): Promise<Replay> {
  const { tenant, connection } = target;
  const letters = await deps.db.tenantTx(
    tenant,
    async (tx) => {
      const found =
        only === undefined
          ? await listLetters(tx, { tenant, stream: stream.id, limit: limits.lettersReplayedMax })
          : await named(tx, { tenant, stream: stream.id }, only);
      for (const letter of found) {
        const state = nextLetterState(letter.state as DeadLetterState, 'replay_asked');
        if (state === null || state === 'none') continue;
        await changeLetter(tx, tenant, letter.id, { ...letter, state, tried: false });
      }
      if (found.some(isPage)) await requestSync(tx, { tenant, connection, object: stream.object });
      await askForLeftOut(tx, { tenant, stream: stream.id }, found);
      return found;
    },
    'sync.replay_letters',
  );
  const ids = letters.filter((letter) => !isPage(letter)).map(({ name }) => name);
  return { ...(await readAgain(deps, target, stream, ids)), pages: letters.filter(isPage).length };
}

/** A page that was stepped over: everything since is read again, and it is set aside once more where that is still so. */
async function askForLeftOut(
  tx: Tx,
  key: { readonly tenant: TenantId; readonly stream: StreamId },
  letters: readonly DeadLetterRow[],
): Promise<void> {
  const passed = letters.flatMap(({ kind, name, place }) => {
    const stretch = kind === 'page' ? leftOutIn(place) : null;
    return stretch === null ? [] : [{ name, from: new Date(stretch.from) }];
  });
  if (passed.length === 0) return;
  const since = new Date(Math.min(...passed.map(({ from }) => from.getTime())));
  await askBackfill(tx, { ...key, since });
  await removeLetters(tx, { ...key, kind: 'page', names: passed.map(({ name }) => name) });
}

/** Those of the letters that are of this object. */
async function named(
  tx: Tx,
  { tenant, stream }: { readonly tenant: TenantId; readonly stream: StreamId },
  ids: readonly number[],
): Promise<DeadLetterRow[]> {
  const found: DeadLetterRow[] = [];
  for (const id of ids) {
    const letter = await lockLetterById(tx, tenant, id);
    if (letter?.stream === stream) found.push(letter);
  }
  return found;
}

const isPage = ({ kind }: DeadLetterRow): boolean => kind === 'page';

async function readAgain(
  deps: SyncDeps,
  target: SyncTarget,
  stream: StreamRow,
  ids: readonly string[],
): Promise<Replay> {
  if (ids.length === 0) return NOTHING;
  const { tenant } = target;
  const object = await refreshSchema(deps, target, stream);
  const readAt = await deps.db.tenantRead(tenant, async (tx) => tx.now);
  const { records: read, missing, dead: unread } = await readEach(target.session, object, ids);
  const key = { tenant, stream: stream.id };
  const normal = (): NormalRecord[] => read.map((record) => normaliseRecord(object, record));
  const kept = await keepAround(deps, key, normal, async (refused) => {
    const dead = [...unread, ...refused];
    const gone = new Set(refused.map(({ id }) => id));
    const records = read.filter(({ id }) => !gone.has(id));
    await deps.db.tenantTx(
      tenant,
      async (tx) => {
        const version = (await latestSchemaVersion(tx, tenant, stream.id))?.version ?? null;
        const permissions = target.session.permissions ?? null;
        await keepRecords(tx, { ...key, object, version, records, permissions, readAt });
        for (const one of dead) await noteDeadRecord(tx, key, one);
        await removeLetters(tx, { ...key, kind: 'record', names: missing });
      },
      'sync.keep_replayed',
    );
    return { read: records.length, dead: dead.length };
  });
  return { asked: ids.length, ...kept, missing: missing.length, pages: 0 };
}

/** What two replays did, as one. */
export const addReplays = (a: Replay, b: Replay): Replay => ({
  asked: a.asked + b.asked,
  read: a.read + b.read,
  missing: a.missing + b.missing,
  dead: a.dead + b.dead,
  pages: a.pages + b.pages,
});
