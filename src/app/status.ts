import { conditionOf, type ConnectionState } from '../connection/index.ts';
import { GantryError, type ErrorBody, type StreamId, type TenantId } from '../kernel/index.ts';
import type { Lens, LensStatus } from '../lens/index.ts';
import type { ConnectionSummary } from '../mcp/index.ts';
import { countLeftOut, countUnmatched } from '../query/index.ts';
import {
  countQuarantine,
  listConnections,
  listStreams,
  type ConnectionRow,
  type Db,
  type StreamRow,
} from '../store/index.ts';
import type { Catalogues } from './project/catalogues.ts';
import type { Revisions } from './project/revisions.ts';
import { isOfBudget, waitingText } from './sync/object-condition.ts';

export interface StatusDeps {
  readonly db: Db;
  readonly revisions: Revisions;
  /** What the lens holds: agents are answered from there, so it decides what counts as loaded. */
  readonly lens: Pick<Lens, 'status' | 'read'>;
  readonly catalogues: Pick<Catalogues, 'of'>;
}

/** Every connection of a tenant with its objects, in words for people and agents. */
export async function connectionSummaries(deps: StatusDeps, tenant: TenantId): Promise<ConnectionSummary[]> {
  const { db, revisions } = deps;
  const { streams: held } = await deps.lens.status(tenant);
  const lens = new Map(held.map((stream) => [stream.stream, stream]));
  const models = await modelsByStream(deps, tenant);
  const integrations = (await revisions.current())?.manifest.integrations;
  const { connections, streams, quarantined } = await db.tenantRead(tenant, async (tx) => ({
    connections: await listConnections(tx, tenant),
    streams: await listStreams(tx, tenant),
    quarantined: await countQuarantine(tx, tenant),
  }));
  const there = connections.filter(({ state }) => state !== 'deleted');
  return there.map((row) => {
    const integration = integrations?.get(row.integration);
    const own = streams.filter((stream) => stream.enabled && stream.connection === row.id);
    return {
      connection: row.slug,
      system: row.provider,
      title: integration?.title ?? row.integration,
      trust: integration?.trust ?? 'last_resort',
      ...healthFields(row, own, integration?.title ?? row.integration),
      objects: own.map((stream) => objectOf(stream, lens.get(stream.id), quarantined, models)),
    };
  });
}

const healthOf: Record<ConnectionState, ConnectionSummary['health']> = {
  created: 'pending',
  authorising: 'pending',
  working: 'ok',
  degraded: 'degraded',
  reauth_required: 'reauth_required',
  paused: 'paused',
  revoked: 'revoked',
  // Not shown: it is being taken away.
  deleted: 'pending',
};

/** A connection that works, but not for all of its objects, is not well. */
function healthFields(
  row: ConnectionRow,
  streams: readonly StreamRow[],
  title: string,
): Pick<ConnectionSummary, 'health' | 'problem'> {
  const health = healthOf[row.state as ConnectionState];
  const problem = problemOf(row, title);
  const failing = streams
    .filter(({ lastError, paused }) => lastError !== null && paused === null && !isOfBudget(lastError))
    .map(({ object }) => object);
  if (health !== 'ok' || failing.length === 0) return { health, problem };
  const shown = failing.slice(0, 3).join(', ');
  const more = failing.length > 3 ? ` and ${String(failing.length - 3)} more` : '';
  return { health: 'degraded', problem: `Needs attention: ${shown}${more}; each says why.` };
}

const wordsOf = ({ message, fix }: ErrorBody): string => `${message} ${fix}`;

/** What is wrong, who can change it, and what happens meanwhile. */
function problemOf(row: ConnectionRow, title: string): string | null {
  const { what, problem, fix, meanwhile, state } = conditionOf(row, title);
  switch (state) {
    case 'working':
      return problem;
    case 'created':
    case 'authorising':
      return problem ?? what;
    default:
      return [what, problem ?? fix, meanwhile].filter((text) => text !== null).join(' ');
  }
}

function objectOf(
  stream: StreamRow,
  held: LensStatus['streams'][number] | undefined,
  quarantined: ReadonlyMap<StreamId, number>,
  models: ReadonlyMap<StreamId, ModelCounts>,
): ConnectionSummary['objects'][number] {
  const backfill = { new: 'pending', backfill: 'running', current: 'complete' } as const;
  const asOf = held?.asOf ?? null;
  const { leftOut, unmatched } = models.get(stream.id) ?? {};
  return {
    object: stream.object,
    records: held?.rows ?? 0,
    expected: stream.expectedRecords,
    set_aside: quarantined.get(stream.id) ?? 0,
    ...(leftOut === undefined ? {} : { left_out: leftOut }),
    ...(unmatched === undefined ? {} : { unmatched }),
    as_of: asOf?.toISOString() ?? null,
    backfill: stream.phase === 'current' && asOf === null ? 'running' : backfill[stream.phase],
    ...problemField(stream),
  };
}

/** A pause is no fault; who reads the data has to know of it all the same. */
function problemField(stream: StreamRow): { readonly problem?: string } {
  const { paused, lastError } = stream;
  if (paused !== null) {
    const note = paused.note === null ? '' : `: ${paused.note}`;
    return { problem: `Paused by ${paused.by} since ${paused.at}${note}. An operator can resume it.` };
  }
  if (lastError === null) return {};
  return { problem: isOfBudget(lastError) ? waitingText(stream) : wordsOf(lastError) };
}

/** What models make of one native object's records, by model field. */
type ModelCounts = {
  readonly leftOut?: NonNullable<ConnectionSummary['objects'][number]['left_out']>;
  readonly unmatched?: NonNullable<ConnectionSummary['objects'][number]['unmatched']>;
};

/**
 * What models leave out as a fault, and what they recognise by nothing. None
 * where nothing can be asked: no project yet, an overlay that is stale. Those
 * are told of elsewhere, and the status is for when something is wrong.
 */
async function modelsByStream({ catalogues, lens }: StatusDeps, tenant: TenantId): Promise<Map<StreamId, ModelCounts>> {
  const found = new Map<StreamId, ModelCounts>();
  try {
    for (const object of (await catalogues.of(tenant)).objects.values()) {
      for (const { stream, field, records } of await countLeftOut(lens, tenant, object)) {
        const known = found.get(stream);
        found.set(stream, { ...known, leftOut: { ...known?.leftOut, [`${object.name}.${field}`]: records } });
      }
      for (const { stream, field, records, matched } of await countUnmatched(lens, tenant, object)) {
        const known = found.get(stream);
        const counts = { ...known?.unmatched, [`${object.name}.${field}`]: { records, matched } };
        found.set(stream, { ...known, unmatched: counts });
      }
    }
  } catch (error) {
    if (!(error instanceof GantryError)) throw error;
  }
  return found;
}
