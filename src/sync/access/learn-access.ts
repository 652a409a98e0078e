import { GantryError, limits, toGantryError } from '../../kernel/index.ts';
import {
  beginAccess,
  forgetAccessStream,
  keepAccess,
  linksOfConnection,
  listAccessStreams,
  lockAccess,
  removeAccessTurn,
  settleAccessTurn,
  tellAccess,
  type AccessTurn,
} from '../../store/index.ts';
import { retryDelayMs } from '../retry-delay.ts';
import { nextAccessState, type AccessEvent, type AccessState } from './access-state.ts';
import type { AccessDeps } from './deps.ts';
import { intervalsFor } from './intervals.ts';
import { readOwnLists } from './own-lists.ts';
import { isRefusal, planAccess, planRules } from './plan-access.ts';
import { readShares } from './read-shares.ts';
import { readStandings } from './read-standings.ts';
import { recheckAsUsers } from './recheck-as-users.ts';
import { endDoubts, sampleRights } from './sample.ts';
import { settleAudiences } from './settle-pass.ts';
import { keepInTurn, TurnOver, type TurnContext, type TurnHolder } from './turn-context.ts';

/**
 * One turn of a connection: whatever is due of its rights is read, step by step,
 * each of them kept. A step that fails holds up no other; what failed first
 * decides when the next turn is. Never throws.
 */
export async function learnAccess(
  deps: AccessDeps,
  worker: string,
  turn: AccessTurn,
  signal: AbortSignal,
): Promise<void> {
  const holder: TurnHolder = {
    deps,
    worker,
    key: { tenant: turn.tenant, connection: turn.connection },
    signal,
  };
  const startedMs = deps.clock.monotonicMs();
  let startedAt = new Date(0);
  let delayMs: number = limits.accessRefreshMs;
  try {
    const begun = await begin(deps, turn);
    if (begun === null) return;
    startedAt = begun;
    const intervals = intervalsFor((await deps.maxAgeMs(turn.tenant)) ?? limits.accessMaxAgeMs);
    delayMs = intervals.refreshMs;
    const { failure, principals } = await take(holder, { turn, startedAt, intervals });
    const sinceMs = await end(holder, failure);
    // A turn in between, in which they were not due, does not put off the next one.
    if (sinceMs < delayMs) delayMs -= sinceMs;
    if (failure !== null) delayMs = Math.min(delayMs, delayAfter(deps, failure));
    const ms = Math.round(deps.clock.monotonicMs() - startedMs);
    if (failure === null) deps.onEvent({ kind: 'access_read', ...holder.key, principals, ms });
  } catch (error) {
    if (error instanceof TurnOver) delayMs = 0;
    else deps.onEvent({ kind: 'access_poll_failed', cause: error });
  }
  await giveBack(holder, { startedAt, delayMs });
}

interface Taken {
  readonly failure: GantryError | null;
  readonly principals: number;
}

async function take(holder: TurnHolder, given: Pick<TurnContext, 'turn' | 'startedAt' | 'intervals'>): Promise<Taken> {
  const { deps } = holder;
  const { turn } = given;
  const target = await deps.targetOf(turn.tenant, turn.connection, turn.askedAt !== null);
  if (target === null) return { failure: await takeRules(holder, given), principals: 0 };
  const { integration, session } = target;
  return takeSteps({ ...holder, ...given, integration, permissions: session.permissions ?? null });
}

/** The project's own rules ask nobody: a stricter one is in force also where nobody is signed in. */
async function takeRules(
  holder: TurnHolder,
  given: Pick<TurnContext, 'turn' | 'startedAt' | 'intervals'>,
): Promise<GantryError> {
  const { deps, key } = holder;
  const integration = await deps.integrationOf(key.tenant, key.connection);
  if (integration === null) return nobodySignedIn();
  const steps = createSteps({ ...holder, ...given, integration, permissions: null });
  await steps.take(planRules);
  await steps.take(settleAudiences);
  return steps.failure() ?? nobodySignedIn();
}

/** What is known grows older, until somebody is. */
const nobodySignedIn = (): GantryError =>
  new GantryError('connection_reauth_required', {
    message: 'Nobody is signed in to this connection, so that rights cannot be read.',
  });

/** When the turn began; null: nobody is linked there any more, so that nothing is learned. */
function begin({ db }: AccessDeps, { tenant, connection }: AccessTurn): Promise<Date | null> {
  const key = { tenant, connection };
  return db.tenantTx(
    tenant,
    async (tx) => {
      if ((await linksOfConnection(tx, key)).length === 0) {
        for (const { stream } of await listAccessStreams(tx, key)) await forgetAccessStream(tx, { tenant, stream });
        await removeAccessTurn(tx, key);
        return null;
      }
      await beginAccess(tx, key, 'not_read');
      const access = await lockAccess(tx, key);
      const state = access === null ? null : nextAccessState(access.state as AccessState, 'turn_began');
      if (access === null || state === null) return null;
      await keepAccess(tx, tenant, { ...access, state });
      return tx.now;
    },
    'access.begin_turn',
  );
}

async function takeSteps(context: TurnContext): Promise<Taken> {
  let principals = 0;
  const steps = createSteps(context);
  await steps.take(planAccess);
  await steps.take(settleAudiences);
  await steps.take(async (each) => {
    principals = await readStandings(each);
  });
  await steps.take(readShares);
  await steps.take(recheckAsUsers);
  await steps.take(readOwnLists);
  await steps.take(endDoubts);
  await steps.take(sampleRights);
  return { failure: steps.failure(), principals };
}

interface Steps {
  readonly take: (work: (context: TurnContext) => Promise<unknown>) => Promise<void>;
  /** What failed first. */
  readonly failure: () => GantryError | null;
}

function createSteps(context: TurnContext): Steps {
  let failure: GantryError | null = null;
  return {
    take: async (work) => {
      try {
        await work(context);
      } catch (error) {
        if (error instanceof TurnOver) throw error;
        failure ??= toGantryError(error);
      }
    },
    failure: () => failure,
  };
}

/** Returns how long ago standings were read. */
async function end(holder: TurnHolder, failure: GantryError | null): Promise<number> {
  const { deps, key } = holder;
  const event: AccessEvent = failure === null ? 'read' : isRefusal(failure) ? 'refused' : 'failed';
  const sinceMs = await keepInTurn(holder, 'access.end_turn', async (tx, access) => {
    const state = nextAccessState(access.state as AccessState, event);
    if (state !== null) {
      await keepAccess(tx, key.tenant, { ...access, state, lastError: failure?.toBody() ?? null });
      await tellAccess(tx, key.tenant);
    }
    return access.standingsAt === null ? Infinity : tx.now.getTime() - access.standingsAt.getTime();
  });
  if (failure === null) return sinceMs;
  const cause = failure.code === 'internal' ? { cause: failure.cause } : {};
  deps.onEvent({ kind: 'access_failed', ...key, error: failure.toBody(), ...cause });
  return sinceMs;
}

function delayAfter({ clock }: AccessDeps, failure: GantryError): number {
  const retryAt = failure.details.retryAt ?? null;
  return retryAt === null ? retryDelayMs(failure.code) : Math.max(0, retryAt.getTime() - clock.now().getTime());
}

async function giveBack(
  { deps: { db, onEvent }, worker, key }: TurnHolder,
  { startedAt, delayMs }: { readonly startedAt: Date; readonly delayMs: number },
): Promise<void> {
  try {
    await db.tx(async (tx) => {
      const dueAt = new Date(tx.now.getTime() + delayMs);
      await settleAccessTurn(tx, key, { worker, dueAt, startedAt });
    }, 'access.give_back');
  } catch (cause) {
    // The lease's end is the time of the next look.
    onEvent({ kind: 'access_poll_failed', cause });
  }
}
