import type { Caller, VisibleObject } from '../../access/index.ts';
import type { StreamId } from '../../kernel/index.ts';
import type { CatalogueObject } from '../../mapping/index.ts';
import type { CompileContext } from '../compile/context.ts';
import type { QueryParts } from '../deps.ts';
import { lookedUpAsking } from './looked-up-now.ts';
import { asksSource } from './rows-shown-now.ts';
import { cannotAsk } from './still-shown.ts';
import type { UseCase } from './with-fresh-rights.ts';

/** What a question reads of an object. */
export interface FieldsRead {
  readonly object: CatalogueObject;
  readonly columns: ReadonlySet<string>;
}

/**
 * The use case; with `require_fresh_access` over the fields that the sources
 * show the principal at this moment. What it reads is known once it is
 * compiled: it is then compiled anew, for a caller for whom what was lost does
 * not exist.
 */
export function withShownFields<Request extends { readonly require_fresh_access?: boolean }, Result>(
  work: UseCase<Request, Result>,
): UseCase<Request, Result> {
  return async (deps, caller, scope, request) => {
    if (request.require_fresh_access !== true || caller.principal === null) return work(deps, caller, scope, request);
    try {
      return await work({ ...deps, mayAwaitFields: true }, caller, scope, request);
    } catch (error) {
      if (!(error instanceof FieldsAwaited)) throw error;
      const { read } = error;
      const shown = await deps.access?.withinShownFields({ caller, scope, streams: [...read.keys()] });
      for (const [stream, { object, by }] of read) {
        if (shown === undefined || shown.unasked.has(stream)) throw cannotAsk(object, by);
      }
      return work(deps, shown?.caller ?? caller, scope, request);
    }
  };
}

/** Before anything is read: whose fields the question rests on is worked out of what it reads. */
export function awaitFields(
  { mayAwaitFields }: QueryParts,
  context: CompileContext,
  reads: Iterable<FieldsRead> = context.reads.values(),
): void {
  if (mayAwaitFields !== true) return;
  const read = new Map<StreamId, Read>();
  for (const {
    object: { name },
    columns,
  } of reads) {
    const object = context.caller.objects.get(name);
    if (object === undefined) continue;
    for (const [stream, by] of lookedUpAsking(object, columns, context)) read.set(stream, { object, by });
    for (const { stream } of object.sources) {
      if (asksSource(stream, context.caller)) read.set(stream, { object, by: stream });
    }
  }
  if (read.size > 0) throw new FieldsAwaited(read);
}

/** An object that a stream is read for, and the one of its own streams that leads there. */
interface Read {
  readonly object: VisibleObject;
  readonly by: StreamId;
}

/** Carries them to whoever asks; never leaves this file. */
class FieldsAwaited extends Error {
  readonly read: ReadonlyMap<StreamId, Read>;
  constructor(read: ReadonlyMap<StreamId, Read>) {
    super('fields are awaited');
    this.read = read;
  }
}

/** What came of asking for them. */
export interface WithinShownFields {
  /** The same caller where nothing was lost. */
  readonly caller: Caller;
  /** Streams whose source cannot be asked. */
  readonly unasked: ReadonlySet<StreamId>;
}
