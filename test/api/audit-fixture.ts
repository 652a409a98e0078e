import type { AuditUseCases, ChecklistUseCases, Operator, SwitchUseCases } from '../../src/api/index.ts';
import type { JsonObject } from '../../src/kernel/index.ts';

type Done = { use: string; request: unknown }[];

const notedIn =
  (done: Done) =>
  (use: string) =>
  async (_operator: Operator, request: unknown): Promise<JsonObject> => {
    done.push({ use, request });
    return { use };
  };

/** Note what was asked, and answer with the use case's name. */
export function auditUseCases(done: Done): AuditUseCases {
  const noted = notedIn(done);
  return { search: noted('search_audit'), verify: noted('verify_audit') };
}

export const checklistUseCases = (done: Done): ChecklistUseCases => ({ run: notedIn(done)('run_checklist') });

export function switchUseCases(done: Done): SwitchUseCases {
  const noted = notedIn(done);
  return {
    list: async (operator, request) => [await noted('list_switches')(operator, request)],
    throw: noted('throw_switch'),
    lift: noted('lift_switch'),
  };
}
