import type { DeadLetterUseCases, LettersToReplay, Operator } from '../../api/index.ts';
import { requireConnection, whoMends } from '../../connection/index.ts';
import { errorTable, GantryError, type JsonObject, type TenantId } from '../../kernel/index.ts';
import {
  countDeadLetters,
  deadLettersOf,
  readDeadLetter,
  readStream,
  type DeadLetterRow,
  type StreamRow,
} from '../../store/index.ts';
import { addReplays, dropLetter, leftOutIn, replayDeadLetters, type Replay, type SyncDeps } from '../../sync/index.ts';
import { requireTenant } from '../connections/connection-use-cases.ts';
import { namesOf, placeOf, streamsAsked } from './find-object.ts';
import { noteAct } from './operator-acts.ts';
import { readingTarget } from './reading-target.ts';
import type { Targets } from './targets.ts';

export interface DeadLetterDeps {
  readonly sync: SyncDeps;
  readonly targets: Pick<Targets, 'ofConnection'>;
  /** Something became due. */
  readonly wakeSync: () => void;
}

/** What could not be read or kept and was set aside: seen, tried again, or dropped. */
export function createDeadLetterUseCases(deps: DeadLetterDeps): DeadLetterUseCases {
  const { db } = deps.sync;
  return {
    list: async (_operator, request) => {
      const tenant = await requireTenant(db, request.tenant);
      return db.tenantRead(tenant, async (tx) => {
        const names = await namesOf(tx, tenant);
        const streams = (await streamsAsked(tx, tenant, request))?.map(({ id }) => id) ?? null;
        const rows = await deadLettersOf(tx, { tenant, streams, limit: request.limit });
        return rows.map((row) => ({ ...placeOf(names, row.stream), ...shown(row) }));
      });
    },
    show: async (_operator, request) => {
      const tenant = await requireTenant(db, request.tenant);
      return db.tenantRead(tenant, async (tx) => {
        const row = await readDeadLetter(tx, tenant, request.letter);
        if (row === null) throw noSuchLetter(request.letter);
        return { ...placeOf(await namesOf(tx, tenant), row.stream), ...shown(row), place: row.place };
      });
    },
    replay: async (operator, request) => {
      const tenant = await requireTenant(db, request.tenant);
      const done = await replay(deps, tenant, operator, request);
      deps.wakeSync();
      return { ...done };
    },
    drop: async (operator, request) => {
      const tenant = await requireTenant(db, request.tenant);
      return db.tenantTx(
        tenant,
        async (tx) => {
          const names = await namesOf(tx, tenant);
          const row = await dropLetter(tx, { tenant, letter: request.letter });
          const stream = row === null ? undefined : names.streams.get(row.stream);
          if (row === null || stream === undefined) throw noSuchLetter(request.letter);
          const { connection, object } = stream;
          const figures = { code: row.code, tries: row.tries };
          const act = { act: 'drop_dead_letter', connection, object, name: row.name, figures } as const;
          await noteAct(tx, tenant, act, { operator, said: request });
          return { ...placeOf(names, row.stream), ...shown(row), dropped: true };
        },
        'sync.drop_letter',
      );
    },
  };
}

/** Pure. Nothing of what could not be read: its hash tells whether it is the same each time. */
function shown(row: DeadLetterRow): JsonObject {
  const { id, kind, name, state, code, class: cause, bytesHash, tries, firstAt, lastAt } = row;
  return {
    letter: id,
    kind,
    name,
    state,
    stage: code.startsWith('upstream_') ? 'read' : 'keep',
    code,
    problem: errorTable[code].meaning,
    who_can_fix: whoMends({ code }),
    fix: errorTable[code].fix,
    class: cause,
    /** Of a page that was stepped over: what changed in between was not read. */
    left_out: leftOutIn(row.place),
    bytes_hash: bytesHash,
    tries,
    first_at: firstAt.toISOString(),
    last_at: lastAt.toISOString(),
  };
}

async function replay(
  deps: DeadLetterDeps,
  tenant: TenantId,
  operator: Operator,
  request: LettersToReplay,
): Promise<Replay> {
  const { db } = deps.sync;
  const { slug, streams } = await lettersAsked(deps, tenant, request);
  const target = await readingTarget({ db, targets: deps.targets }, tenant, slug);
  const letters = 'letter' in request ? [request.letter] : undefined;
  let total: Replay = { asked: 0, read: 0, missing: 0, dead: 0, pages: 0 };
  for (const stream of streams) {
    const done = await replayDeadLetters(deps.sync, target, stream, letters);
    total = addReplays(total, done);
    const act = { act: 'replay_dead_letters', connection: stream.connection, object: stream.object } as const;
    const name = letters === undefined ? null : `#${letters.join(', #')}`;
    await db.tenantTx(
      tenant,
      (tx) => noteAct(tx, tenant, { ...act, name, figures: { ...done } }, { operator, said: request }),
      'sync.note_replay',
    );
  }
  return total;
}

/** The streams of which something is to be tried again, and their connection. Raises `not_found`. */
async function lettersAsked(
  { sync }: DeadLetterDeps,
  tenant: TenantId,
  request: LettersToReplay,
): Promise<{ readonly slug: string; readonly streams: readonly StreamRow[] }> {
  return sync.db.tenantRead(tenant, async (tx) => {
    if ('letter' in request) {
      const row = await readDeadLetter(tx, tenant, request.letter);
      const stream = row === null ? null : await readStream(tx, tenant, row.stream);
      if (stream === null) throw noSuchLetter(request.letter);
      const { connections } = await namesOf(tx, tenant);
      return { slug: connections.get(stream.connection)?.slug ?? '', streams: [stream] };
    }
    const { slug } = await requireConnection(tx, tenant, request.connection);
    const asked = (await streamsAsked(tx, tenant, request)) ?? [];
    const counts = [
      ...(await countDeadLetters(tx, tenant, 'dead')),
      ...(await countDeadLetters(tx, tenant, 'failing')),
    ];
    const withLetters = new Set(counts.map(({ stream }) => stream));
    return { slug, streams: asked.filter(({ id }) => withLetters.has(id)) };
  });
}

const noSuchLetter = (letter: number): GantryError =>
  new GantryError('not_found', {
    message: `The tenant has no dead letter ${String(letter)}.`,
    where: 'letter',
    fix: 'It was read after all, or dropped. `gantry dead-letters` lists those that there are.',
  });
