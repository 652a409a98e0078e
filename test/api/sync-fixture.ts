import type { SyncUseCases } from '../../src/api/index.ts';
import type { JsonObject } from '../../src/kernel/index.ts';

/** What the sync doors ask for, noted by name; the real use cases have suites of their own. */
export function syncUseCases(done: { use: string; request: unknown }[]): SyncUseCases {
  const one =
    (use: string) =>
    async (_operator: unknown, request: unknown): Promise<JsonObject> => {
      done.push({ use, request });
      return { use };
    };
  const many =
    (use: string) =>
    async (operator: unknown, request: unknown): Promise<JsonObject[]> => [await one(use)(operator, request)];
  return {
    objects: { pause: one('pause_object'), resume: one('resume_object'), backfill: one('backfill_object') },
    comparisons: {
      list: many('list_comparisons'),
      held: many('list_held'),
      accept: one('accept_held'),
      dismiss: one('dismiss_held'),
    },
    letters: {
      list: many('list_letters'),
      show: one('show_letter'),
      replay: one('replay_letters'),
      drop: one('drop_letter'),
    },
    deadEvents: { list: many('list_events'), replay: one('replay_events'), drop: one('drop_events') },
    quarantine: {
      groups: many('quarantine_groups'),
      values: many('quarantine_values'),
      replay: one('replay_quarantine'),
    },
    acts: many('list_acts'),
  };
}
