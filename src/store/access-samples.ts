import type { StreamKey } from './access-records.ts';
import type { Tx } from './db.ts';

export interface SampledRecord {
  readonly id: string;
  readonly acl: number | null;
}

/** Records that are asked for again as a check of what was derived: all in turn, a few at a time. */
export const accessSamplesSql = {
  next: `select r.ext_id as id, r.acl from record r where r.tenant = $1 and r.stream = $2 and not r.deleted
      and r.ext_id > (select sample_place from access_stream where tenant = $1 and stream = $2)
    order by r.ext_id limit $3`,
  move: 'update access_stream set sample_place = $3 where tenant = $1 and stream = $2',
} as const;

/** The next records; empty at the end, from where it goes on with the first. */
export function readSample(tx: Tx, { tenant, stream }: StreamKey, size: number): Promise<SampledRecord[]> {
  return tx.query<SampledRecord>(accessSamplesSql.next, [tenant, stream, size]);
}

export async function moveSample(tx: Tx, { tenant, stream }: StreamKey, place: string): Promise<void> {
  await tx.query(accessSamplesSql.move, [tenant, stream, place]);
}
