import type { DuckDBConnection } from '@duckdb/node-api';
import { streamId } from '../../kernel/index.ts';
import type { LensLayout } from '../../mapping/index.ts';
import type { FileState } from '../host-protocol.ts';
import { select } from './select.ts';

/** Counts up when the way of writing a lens file changes; files of another format are built again. */
export const lensFormat = 4;

/** The lens's own notes, in the same file and the same transactions as the data. */
export const createMeta = `
  create schema _gantry;
  create table _gantry.meta (format integer, seq bigint, mark varchar, layout_version varchar, layout varchar);
  create table _gantry.stream (stream integer, as_of varchar, backfilling boolean);
`;

export interface FileMeta extends FileState {
  readonly layout: LensLayout;
}

/** Null where the file is of another format; rejects where it was never finished. */
export async function readMeta(connection: DuckDBConnection): Promise<FileMeta | null> {
  const [meta] = await select(connection, 'select format, seq, mark, layout_version, layout from _gantry.meta');
  const [format, seq, mark, layoutVersion, layout] = meta ?? [];
  if (format !== lensFormat || typeof layoutVersion !== 'string' || typeof layout !== 'string') return null;
  const streams = await select(connection, 'select stream, as_of, backfilling from _gantry.stream');
  return {
    seq: Number(seq),
    mark: typeof mark === 'string' ? mark : null,
    layoutVersion,
    layout: JSON.parse(layout) as LensLayout,
    streams: streams.map(([stream, asOf, backfilling]) => ({
      stream: streamId(Number(stream)),
      asOf: typeof asOf === 'string' ? asOf : null,
      backfilling: backfilling === true,
    })),
  };
}

export async function writeLayout(connection: DuckDBConnection, layout: LensLayout): Promise<void> {
  await connection.run('delete from _gantry.meta');
  const values = [layout.version, JSON.stringify(layout)];
  await select(connection, `insert into _gantry.meta values (${lensFormat}, 0, null, $1, $2)`, values);
}

/** Where the data stands now; commits with the data. */
export async function writeProgress(
  connection: DuckDBConnection,
  { seq, mark, streams }: Omit<FileState, 'layoutVersion'>,
): Promise<void> {
  await select(connection, 'update _gantry.meta set seq = $1, mark = $2::varchar', [seq, mark]);
  if (streams.length === 0) return;
  await connection.run('delete from _gantry.stream');
  const values = streams.map((_, i) => `($${i * 3 + 1}::integer, $${i * 3 + 2}::varchar, $${i * 3 + 3}::boolean)`);
  await select(
    connection,
    `insert into _gantry.stream values ${values.join(', ')}`,
    streams.flatMap(({ stream, asOf, backfilling }) => [stream, asOf, backfilling]),
  );
}
