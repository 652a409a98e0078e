import type { Caller } from '../../access/index.ts';
import { GantryError, type StreamId } from '../../kernel/index.ts';
import type { CompileContext } from '../compile/context.ts';
import type { QueryParts } from '../deps.ts';
import type { QueryScope } from '../types.ts';
import { awaitedStreams } from './withheld.ts';

export type UseCase<Request, Result> = (
  deps: QueryParts,
  caller: Caller,
  scope: QueryScope,
  request: Request,
) => Promise<Result>;

/**
 * The use case, which is asked again with newer rights where it met ones that
 * are too old or not read yet: they are read at once, and waited for as long as
 * a question may wait. What is still not known then is left out, or refused.
 */
export function withFreshRights<Request, Result>(work: UseCase<Request, Result>): UseCase<Request, Result> {
  return async (deps, caller, scope, request) => {
    const { access } = deps;
    if (access === undefined || caller.principal === null) return work(deps, caller, scope, request);
    try {
      return await work({ ...deps, mayAwaitRights: true }, caller, scope, request);
    } catch (error) {
      const streams = awaitedBy(error, caller);
      if (streams.length === 0) throw error;
      const fresher = await access.refreshed({ caller, scope, streams });
      return work(deps, fresher ?? caller, scope, request);
    }
  };
}

/** What an answer would leave out may be known in a moment: then it is worth waiting for. */
export function awaitRights({ mayAwaitRights }: QueryParts, { caller, touched }: CompileContext): void {
  if (mayAwaitRights !== true) return;
  const streams = [...touched].flatMap(({ name }) => awaitedStreams(caller.withheld.get(name) ?? []));
  if (streams.length > 0) throw new RightsAwaited(streams);
}

/** Carries the streams to whoever waits; never leaves this file. */
class RightsAwaited extends Error {
  readonly streams: readonly StreamId[];
  constructor(streams: readonly StreamId[]) {
    super('rights are awaited');
    this.streams = streams;
  }
}

function awaitedBy(error: unknown, { withheld }: Caller): readonly StreamId[] {
  if (error instanceof RightsAwaited) return error.streams;
  if (!(error instanceof GantryError) || error.code !== 'access_unknown') return [];
  // Rights are read by connection, so that asking for more costs no more.
  return [...new Set([...withheld.values()].flatMap(awaitedStreams))];
}
