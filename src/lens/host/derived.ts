import type { DuckDBConnection } from '@duckdb/node-api';
import type { LensDerived } from '../../mapping/index.ts';
import type { StreamChanges } from '../host-protocol.ts';
import { select } from './select.ts';

/** Makes all derived tables anew from the tables as they are. */
export async function fillDerived(writer: DuckDBConnection, all: readonly LensDerived[]): Promise<void> {
  for (const derived of all) await fill(writer, derived);
}

/** Brings derived tables up to date after changes, in the same transaction. Most changes touch nothing of them. */
export async function refreshDerived(
  writer: DuckDBConnection,
  all: readonly LensDerived[],
  changes: readonly StreamChanges[],
): Promise<void> {
  const changed = new Set<string>();
  for (const derived of all) {
    if (changes.some(({ stream }) => derived.reads.includes(stream))) await fill(writer, derived);
    else if ((await replaceKeys(writer, derived, changes)) || derived.follows.some((name) => changed.has(name))) {
      await runAll(writer, derived.remake);
    } else continue;
    changed.add(derived.name);
  }
}

async function fill(writer: DuckDBConnection, { keys, feeds, remake }: LensDerived): Promise<void> {
  await writer.run(`delete from ${keys}`);
  await runAll(writer, [...feeds.map((feed) => feed.fill), ...remake]);
}

/** Whether any key changed. */
async function replaceKeys(
  writer: DuckDBConnection,
  { feeds }: LensDerived,
  changes: readonly StreamChanges[],
): Promise<boolean> {
  let changed = false;
  for (const { stream, gone } of changes) {
    const feed = feeds.find((each) => each.stream === stream);
    if (feed === undefined || (await select(writer, feed.differs, [gone])).length === 0) continue;
    for (const statement of feed.replace) await select(writer, statement, [gone]);
    changed = true;
  }
  return changed;
}

async function runAll(writer: DuckDBConnection, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await writer.run(statement);
}
