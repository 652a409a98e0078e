import type { Caller } from '../access/index.ts';
import { contentHash, limits, type StreamId, type TenantId } from '../kernel/index.ts';
import type { Lens, StreamFreshness } from '../lens/index.ts';
import { leftOutSql, streamsFor, type CatalogueObject } from '../mapping/index.ts';
import type { CompileContext } from './compile/context.ts';

/** Records of one native object that a model leaves out because `field` is missing in them (`on_missing: error`). */
export interface LeftOut {
  readonly stream: StreamId;
  readonly field: string;
  readonly records: number;
}

/** What the model leaves out as a fault, now. Raises what the lens raises. */
export async function countLeftOut(
  lens: Pick<Lens, 'read'>,
  tenant: TenantId,
  object: CatalogueObject,
): Promise<readonly LeftOut[]> {
  const sql = leftOutSql(object);
  if (sql === null) return [];
  const { rows } = await lens.read(tenant, { sql, params: [], timeoutMs: limits.queryTimeoutMs, streams: [] });
  return rows.flatMap(([stream, field, records]) => {
    const count = Number(records);
    return count === 0 ? [] : [{ stream: Number(stream) as StreamId, field: field as string, records: count }];
  });
}

/** Warns of what the models of an answer leave out. */
export type LeftOutWarner = (context: CompileContext, freshness: readonly StreamFreshness[]) => Promise<void>;

/** Counts are kept until something that decides them has been read again, or is mapped anew: they are as old as the answer says it is. */
export function createLeftOutWarner(lens: Pick<Lens, 'read'>): LeftOutWarner {
  const known = new Map<string, { readonly of: string; readonly counts: Promise<readonly LeftOut[]> }>();

  function counted({ tenant, principal }: Caller, object: CatalogueObject, state: string): Promise<readonly LeftOut[]> {
    const sql = leftOutSql(object);
    if (sql === null) return Promise.resolve([]);
    const name = JSON.stringify([tenant, object.name, principal?.principal ?? null]);
    const of = contentHash(`${state} ${sql}`);
    const before = known.get(name);
    if (before?.of === of) return before.counts;
    const counts = countLeftOut(lens, tenant, object);
    // The newest last, so that the one that goes is the one longest unasked for.
    known.delete(name);
    known.set(name, { of, counts });
    const [oldest] = known.keys();
    if (known.size > limits.leftOutCountsMax && oldest !== undefined) known.delete(oldest);
    counts.catch(() => known.delete(name));
    return counts;
  }

  return async (context, freshness) => {
    const times = new Map(freshness.map(({ stream, asOf }) => [stream, asOf]));
    for (const object of context.touched) {
      // Look-ups and matching decide it too: how fresh what they read is, and how that is mapped now.
      const deciding = [...streamsFor(object, new Set())].toSorted((a, b) => a - b);
      const asOf = deciding.map((stream) => times.get(stream)?.getTime() ?? 0).join(' ');
      const state = `${context.scope.version} ${asOf}`;
      for (const { stream, field, records } of await counted(context.caller, object, state)) {
        const source = object.sources.find((each) => each.stream === stream);
        if (source === undefined) continue;
        // Who sees some of the records only is not told how many others there are.
        const many = object.rowFilter === null && object.restricted === undefined ? String(records) : 'some';
        const lack = object.fields.has(field) ? field : 'a required value';
        context.warnings.add(
          `Left out of ${object.name} for want of ${lack}: ${many} of the records of ${source.connectionSlug}.${source.nativeObject}.`,
        );
      }
    }
  };
}
