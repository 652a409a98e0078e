import { GantryError, limits, type StreamId } from '../kernel/index.ts';
import type { StreamFreshness } from '../lens/index.ts';
import type { CompileContext } from './compile/context.ts';
import type { QueryDeps } from './deps.ts';
import { refPrefix } from './references.ts';

/**
 * Returns once everything that the question touches was read upstream at or
 * after `minAsOf`, having it looked at where it was not. Raises
 * `query_not_fresh_yet` when that takes longer than a call may wait.
 */
export async function waitUntilFresh(
  deps: QueryDeps,
  context: CompileContext,
  streams: ReadonlySet<StreamId>,
  minAsOf: string | undefined,
): Promise<void> {
  if (minAsOf === undefined) return;
  const wanted = readMoment(minAsOf, deps.clock.now());
  const { tenant } = context.caller;
  const startMs = deps.clock.monotonicMs();
  for (;;) {
    const behind = (await freshness(deps, context, streams)).filter(({ asOf }) => asOf === null || asOf < wanted);
    if (behind.length === 0) return;
    if (deps.clock.monotonicMs() - startMs >= limits.minAsOfWaitMs) throw notFreshYet(deps, context, behind);
    // Again in each round: a run that was under way began too early, and its end sets the next one's time anew.
    await deps.requestSync(
      tenant,
      behind.map(({ stream }) => stream),
    );
    await deps.clock.sleep(limits.minAsOfLookMs);
    await deps.lens.catchUp(tenant);
  }
}

/** What the lens knows of these streams, by a statement that reads nothing. */
async function freshness(
  { lens }: QueryDeps,
  { caller }: CompileContext,
  streams: ReadonlySet<StreamId>,
): Promise<readonly StreamFreshness[]> {
  const read = { sql: 'select 1', params: [], timeoutMs: limits.queryTimeoutMs, streams: [...streams] };
  return (await lens.read(caller.tenant, read)).freshness;
}

function readMoment(text: string, now: Date): Date {
  const moment = new Date(
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/.test(text) ? text : '',
  );
  const invalid = (message: string, fix: string): GantryError =>
    new GantryError('query_value_invalid', { message, where: 'min_as_of', fix });
  if (Number.isNaN(moment.getTime())) {
    throw invalid('"min_as_of" is a moment with its offset from UTC.', 'Write it like "2026-11-20T08:30:00Z".');
  }
  if (moment.getTime() > now.getTime() + limits.minAsOfSkewMs) {
    throw invalid(
      `"min_as_of" lies in the future: it is ${now.toISOString()} now, and nothing can be newer than that.`,
      'Give the moment from which on changes must be in the answer.',
    );
  }
  return moment;
}

/** Names what the caller asked for; what only a rule about rows reads is not the caller's to know. */
function notFreshYet(
  { clock }: QueryDeps,
  { touched }: CompileContext,
  behind: readonly StreamFreshness[],
): GantryError {
  const sources = [...touched].flatMap((object) => object.sources);
  const named = behind.flatMap(({ stream, asOf, backfilling }) => {
    const source = sources.find((candidate) => candidate.stream === stream);
    if (source === undefined) return [];
    return [{ ref: refPrefix(source), as_of: asOf?.toISOString() ?? null, loading: backfilling }];
  });
  const names = named.map(({ ref }) => ref).join(', ');
  return new GantryError('query_not_fresh_yet', {
    message: `${names === '' ? 'Some of the data' : names} could not be brought up to that moment within ${limits.minAsOfWaitMs / 1000} seconds.`,
    where: 'min_as_of',
    retryAt: new Date(clock.now().getTime() + limits.minAsOfWaitMs),
    data: { behind: named },
  });
}
