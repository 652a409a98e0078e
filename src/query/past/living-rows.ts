import type { VisibleObject } from '../../access/index.ts';
import { limits, type StreamId } from '../../kernel/index.ts';
import type { Lens } from '../../lens/index.ts';
import { keysFor } from '../../mapping/index.ts';
import { param, type CompileContext } from '../compile/context.ts';

/** A record that is gone, with what it was recognised by. */
export interface GoneRecord {
  readonly stream: StreamId;
  readonly id: string;
  readonly keys: readonly (string | null | undefined)[];
}

/**
 * Without records that may have been part of a row which lives for the caller:
 * those that a living record of another connection is recognised by the same value as, and
 * those whose values are not known any more. Which rows there were is not
 * stored; to leave one out and say so is better than to call a living row gone.
 */
export async function withoutLiving(
  lens: Lens,
  context: CompileContext,
  object: VisibleObject,
  gone: readonly GoneRecord[],
): Promise<readonly GoneRecord[]> {
  const { merge, parts = [], sources } = object;
  const known = keysFor(object);
  if (merge === undefined || known === null || gone.length === 0) return gone;
  const slugs = new Map(sources.map(({ stream, connectionSlug }) => [stream, connectionSlug]));
  const own: CompileContext = { ...context, params: [] };
  const selects = merge.by.map((_, at) => {
    const wanted = [...new Set(gone.flatMap(({ keys }) => keys[at] ?? []))];
    const values = `select unnest(cast(${param(own, wanted)} as varchar[]))`;
    return `select distinct ${at}, k${at}, part from ${known} where k${at} in (${values})`;
  });
  const { rows } = await lens.read(context.caller.tenant, {
    sql: selects.join('\nunion all\n'),
    params: own.params,
    timeoutMs: limits.queryTimeoutMs,
    streams: [],
  });
  const living = new Map<string, Set<string | undefined>>();
  for (const [at, value, part] of rows) {
    const stream = parts[Number(part)]?.stream;
    const key = `${at as number} ${value as string}`;
    living.set(key, (living.get(key) ?? new Set()).add(stream === undefined ? undefined : slugs.get(stream)));
  }
  return gone.filter(({ stream, keys }) =>
    keys.every((value, at) => {
      if (value === undefined) return false;
      const others = value === null ? undefined : living.get(`${at} ${value}`);
      return others === undefined || [...others].every((slug) => slug === slugs.get(stream));
    }),
  );
}
