import { GantryError, limits, type Clock, type StreamId } from '../kernel/index.ts';
import type { LensAnswer, LensRead, LensSqlRead, StreamFreshness } from './contract.ts';
import { hostError, restarted } from './host-errors.ts';
import { HostCallError, HostLost, type HostLink } from './host-link.ts';
import type { Rows, StreamState } from './host-protocol.ts';
import type { Tail } from './tail.ts';
import type { TenantId } from '../kernel/index.ts';

export interface ReadParts {
  readonly host: HostLink;
  readonly clock: Clock;
}

/** A statement of ours: tried again when the process ends under it, since it was not its fault. */
export async function readStructured(
  parts: ReadParts,
  tail: Tail,
  tenant: TenantId,
  read: LensRead,
): Promise<LensAnswer> {
  const { sql, params, timeoutMs } = read;
  const request = { tenant, sql, params, timeoutMs };
  for (let attempt = 1; ; attempt += 1) {
    // Taken before the read: the rows can be newer than this, never older.
    const streams = tail.state()?.streams ?? [];
    try {
      const rows = await parts.host.call('read', request, timeoutMs + limits.sqlKillGraceMs);
      return answer(rows, streams, read.streams);
    } catch (error) {
      if (attempt < attemptsMax && (await mayFitNow(parts, tail, error, timeoutMs))) continue;
      if (attempt < attemptsMax && wasCutOff(error)) continue;
      throw structuredError(error);
    }
  }
}

/** An agent's statement: never run twice once it ran, and told nothing but the kind of its failure. */
export async function readAgentSql(
  parts: ReadParts,
  tail: Tail,
  tenant: TenantId,
  read: LensSqlRead,
): Promise<LensAnswer> {
  const { timeoutMs } = read;
  for (let attempt = 1; ; attempt += 1) {
    const streams = tail.state()?.streams ?? [];
    try {
      const rows = await parts.host.call('readSql', { tenant, ...read }, timeoutMs + limits.sqlKillGraceMs);
      return answer(rows, streams, read.streams);
    } catch (error) {
      if (attempt < attemptsMax && (await mayFitNow(parts, tail, error, timeoutMs))) continue;
      throw sqlError(error);
    }
  }
}

const attemptsMax = 3;

/** What the statement ran in ended under it, and is there again for the next try. */
function wasCutOff(error: unknown): boolean {
  if (error instanceof HostLost) return !error.ownTime;
  return error instanceof HostCallError && error.failure.kind === 'broken';
}

/**
 * A statement that does not fit the file may fit it soon: its caller knew a
 * newer layout. Waits for that, and for a file that has to be built anew; true
 * when another try is worth it.
 */
async function mayFitNow(parts: ReadParts, tail: Tail, error: unknown, timeoutMs: number): Promise<boolean> {
  if (!(error instanceof HostCallError)) return false;
  const { kind } = error.failure;
  if (kind === 'absent') tail.forget();
  else if (kind !== 'misfit' || !tail.layoutUnsettled()) return false;
  await orGiveUp(parts.clock, tail.refresh(), timeoutMs);
  return true;
}

/** Waits for the lens to be there; raises `lens_building` when it takes longer than the caller has. */
export async function orGiveUp(clock: Clock, ready: Promise<unknown>, timeoutMs: number): Promise<void> {
  if (!(await within(clock, ready, timeoutMs))) {
    throw new GantryError('lens_building', {
      message: 'The local copy of this tenant is being built.',
      retryAt: new Date(clock.now().getTime() + limits.lensBuildRetryMs),
    });
  }
}

/** Whether `work` ended within `ms`. Rejects when it fails in that time; a later failure is its owner's. */
export async function within(clock: Clock, work: Promise<unknown>, ms: number): Promise<boolean> {
  const stop = new AbortController();
  try {
    return await Promise.race([
      work.then(() => true),
      clock.sleep(ms, stop.signal).then(
        () => false,
        () => false,
      ),
    ]);
  } finally {
    stop.abort();
  }
}

function answer(rows: Rows, states: readonly StreamState[], streams: readonly StreamId[]): LensAnswer {
  return { ...rows, freshness: streams.map((stream) => freshnessOf(states, stream)) };
}

export function freshnessOf(states: readonly StreamState[], stream: StreamId): StreamFreshness {
  const state = states.find((candidate) => candidate.stream === stream);
  if (state === undefined) return { stream, asOf: null, backfilling: true };
  return { stream, asOf: state.asOf === null ? null : new Date(state.asOf), backfilling: state.backfilling };
}

function structuredError(error: unknown): unknown {
  if (error instanceof HostLost) return error.ownTime ? timedOut() : restarted();
  if (!(error instanceof HostCallError)) return error;
  if (error.failure.kind === 'timeout') return timedOut();
  if (error.failure.kind === 'too_large') {
    return new GantryError('lens_query_too_large', { message: 'The query is larger than the lens can answer.' });
  }
  return hostError(error.failure) ?? new Error(`a structured read failed: ${error.message}`);
}

export function sqlError(error: unknown): unknown {
  const timeout = new GantryError('sql_timeout', {
    message: 'The statement took too long and was stopped.',
    where: 'sql',
  });
  if (error instanceof HostLost) return error.ownTime ? timeout : restarted();
  if (!(error instanceof HostCallError)) return error;
  if (error.failure.kind === 'timeout') return timeout;
  if (error.failure.kind === 'too_large') {
    return new GantryError('sql_result_too_large', {
      message: `The answer holds more than ${limits.sqlResultCharsMax} characters.`,
      where: 'sql',
    });
  }
  return (
    hostError(error.failure) ??
    new GantryError('sql_failed', { message: 'The statement failed while it ran.', where: 'sql' })
  );
}

const timedOut = (): GantryError =>
  new GantryError('lens_timeout', { message: 'The query took too long and was stopped.' });
