import type { Operator, WritePlanUseCases } from '../../src/api/index.ts';
import type { JsonObject } from '../../src/kernel/index.ts';

interface Done {
  readonly use: string;
  readonly request: unknown;
}

export function writePlanUseCases(done: Done[]): WritePlanUseCases {
  const noted =
    (use: string) =>
    async (_operator: Operator, request: unknown): Promise<JsonObject> => {
      done.push({ use, request });
      return { use };
    };
  return {
    list: async (operator, request) => [await noted('list_write_plans')(operator, request)],
    show: noted('show_write_plan'),
    commit: noted('commit_write_plan'),
    undo: async (operator, request) => [await noted('prepare_undo')(operator, request)],
    deadWrites: async (operator, request) => [await noted('list_dead_writes')(operator, request)],
    withdraw: noted('withdraw_write_plan'),
    settle: noted('settle_write'),
    takeBack: noted('settle_take_back'),
  };
}
