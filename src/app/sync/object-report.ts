import type { JsonObject } from '../../kernel/index.ts';
import type { ConnectionRow, StreamRow } from '../../store/index.ts';
import { objectCondition } from './object-condition.ts';
import type { SyncFacts } from './sync-facts.ts';

/** Pure: what operators are told of one object beside what agents are told. */
export function objectReport(
  facts: SyncFacts,
  tenant: string,
  connection: ConnectionRow,
  stream: StreamRow,
): JsonObject {
  const { object } = stream;
  const place = { tenant, connection: connection.slug, object };
  const { state, what, whoCanFix, fix } = objectCondition(stream, connection, place, facts.now);
  const held = facts.held.get(stream.id);
  const standing = state === 'off' || state === 'stopped' || state === 'paused';
  return {
    object,
    state,
    what,
    who_can_fix: whoCanFix,
    fix,
    error_code: stream.lastError?.code ?? null,
    last_run_at: stream.lastRunAt?.toISOString() ?? null,
    next_run_at: standing ? null : stream.dueAt.toISOString(),
    every_s: stream.everyS,
    paused: stream.paused,
    loaded_since: stream.loadedSince?.toISOString() ?? null,
    backfill_asked: stream.backfillAsked,
    dead_letters: facts.deadLetters.get(stream.id) ?? 0,
    set_aside: facts.setAside.get(stream.id) ?? 0,
    held_deletions: held === undefined ? null : held.missing,
  };
}
