import { limits, type StreamId, type TenantId } from '../kernel/index.ts';
import type { Lens } from '../lens/index.ts';
import { unmatchedSql, type CatalogueObject } from '../mapping/index.ts';

/** One native object's records that a field of the model recognises next to none of, although other systems have values there. */
export interface Unmatched {
  readonly stream: StreamId;
  readonly field: string;
  /** With a value to be recognised by. */
  readonly records: number;
  /** Of these, those that another system has the same value for. */
  readonly matched: number;
}

/**
 * The match rules that as good as never hold, now: where two systems have
 * values of a field and less than one in a hundred of the smaller side are the
 * same, the rule compares what cannot be compared. Raises what the lens raises.
 */
export async function countUnmatched(
  lens: Pick<Lens, 'read'>,
  tenant: TenantId,
  object: CatalogueObject,
): Promise<readonly Unmatched[]> {
  const sql = unmatchedSql(object);
  if (sql === null) return [];
  const { rows } = await lens.read(tenant, { sql, params: [], timeoutMs: limits.queryTimeoutMs, streams: [] });
  const counts = rows.map(([field, stream, records, matched]): Unmatched => ({
    stream: Number(stream) as StreamId,
    field: field as string,
    records: Number(records),
    matched: Number(matched),
  }));
  const connections = new Map(object.sources.map(({ stream, connectionSlug }) => [stream, connectionSlug]));
  return (object.merge?.by ?? []).flatMap((field) => {
    const own = counts.filter((count) => count.field === field);
    const bySystem = new Map<string | undefined, { records: number; matched: number }>();
    for (const { stream, records, matched } of own) {
      const slug = connections.get(stream);
      const sum = bySystem.get(slug) ?? { records: 0, matched: 0 };
      bySystem.set(slug, { records: sum.records + records, matched: sum.matched + matched });
    }
    // Each system is measured against what it could have found: no more than the largest of the others has.
    const mute = [...bySystem].filter(([slug, { records, matched }]) => {
      const others = [...bySystem].filter(([other]) => other !== slug).map(([, sum]) => sum.records);
      return matched * UNMATCHED_ONE_IN < Math.min(records, Math.max(0, ...others));
    });
    return own.filter(({ stream }) => mute.some(([slug]) => slug === connections.get(stream)));
  });
}

const UNMATCHED_ONE_IN = 100;
