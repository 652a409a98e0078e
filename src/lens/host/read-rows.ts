import {
  ResultReturnType,
  type DuckDBConnection,
  type DuckDBPreparedStatement,
  type DuckDBResult,
} from '@duckdb/node-api';
import { limits, systemClock, type Json } from '../../kernel/index.ts';
import type { LensAnswerColumn } from '../contract.ts';
import type { Rows } from '../host-protocol.ts';
import { bindParams } from './bind.ts';
import { HostError } from './failure.ts';
import { toJson } from './values.ts';

export interface RowBounds {
  /** Rows that come back; one more is looked for, to tell whether there were more. */
  readonly rowsMax: number;
  /** Characters of text in all of them; above it the read fails with `too_large`. */
  readonly charsMax: number;
  /**
   * `whole`: the engine makes all rows before the first is read, and a failure
   * comes with its text. `streamed`: it makes them as they are read, for
   * statements whose rows nobody bounded; the connection must run nothing else.
   */
  readonly result: 'whole' | 'streamed';
}

/**
 * Runs a prepared statement and reads its rows chunk by chunk, never more than
 * the bounds allow. Rejects where the engine stopped before the last row.
 */
export async function readRows(
  statement: DuckDBPreparedStatement,
  params: readonly Json[],
  bounds: RowBounds,
): Promise<Rows> {
  const start = systemClock.monotonicMs();
  bindParams(statement, params);
  const result = await (bounds.result === 'whole' ? statement.run() : statement.stream());
  const rows: Json[][] = [];
  let chars = 0;
  let cut = false;
  while (!cut) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    const take = Math.min(chunk.rowCount, bounds.rowsMax - rows.length);
    cut = take < chunk.rowCount;
    const types = result.columnTypes();
    const vectors = types.map((_, column) => chunk.getColumnVector(column));
    for (let row = 0; row < take; row += 1) {
      const cells = vectors.map((vector, column) => {
        const value = toJson(vector.getItem(row), types[column] ?? vector.type);
        chars += weight(value);
        if (chars > bounds.charsMax) throw new HostError({ kind: 'too_large' });
        return value;
      });
      rows.push(cells);
    }
  }
  // A stream that fails, or that another statement of its connection ended, has
  // no further chunk, like one that came to its end; only its type tells.
  if (!cut && result.returnType === ResultReturnType.INVALID) throw new Error('the rows broke off');
  return { columns: columnsOf(result), rows, cut, engineMs: systemClock.monotonicMs() - start };
}

/** Characters of text in a value, without writing it out. */
function weight(value: Json): number {
  if (typeof value === 'string') return value.length;
  if (value === null || typeof value !== 'object') return 8;
  let sum = 0;
  for (const item of Object.values(value)) sum += weight(item);
  return sum;
}

function columnsOf(result: DuckDBResult): LensAnswerColumn[] {
  const types = result.columnTypes();
  return result.columnNames().map((name, index) => {
    const type = types[index];
    return { name, duckType: type === undefined ? '' : (type.alias ?? type.toString()) };
  });
}

// An interrupt that arrives before the engine starts is lost, so it is repeated.
const interruptEveryMs = 50;

/**
 * Runs `work` on a connection and interrupts it after `timeoutMs`: rejects with
 * `timeout` then. Where the interrupt does not take effect, the parent ends the
 * process after limits.sqlKillGraceMs.
 */
export async function withTimeout<Result>(
  connection: DuckDBConnection,
  timeoutMs: number,
  work: () => Promise<Result>,
): Promise<Result> {
  let timedOut = false;
  let again: NodeJS.Timeout | undefined;
  const first = setTimeout(() => {
    timedOut = true;
    connection.interrupt();
    again = setInterval(() => connection.interrupt(), interruptEveryMs);
  }, timeoutMs);
  try {
    return await work();
  } catch (error) {
    if (timedOut) throw new HostError({ kind: 'timeout' });
    throw error;
  } finally {
    clearTimeout(first);
    clearInterval(again);
  }
}

/** Structured reads bound themselves in their text; this is the backstop. */
export const structuredBounds: RowBounds = {
  rowsMax: Number.MAX_SAFE_INTEGER,
  charsMax: limits.responseBytesMax,
  result: 'whole',
};
