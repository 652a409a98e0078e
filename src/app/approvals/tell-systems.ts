import { aboutSystems, type AppendAudit } from '../../audit/index.ts';
import { readPlanSystems } from '../../store/index.ts';
import { movedIn } from '../../write/index.ts';

/**
 * Entries about what people are asked name the systems that the plan writes to,
 * as those about the plan do: approvals know what is shown of a plan, and of a
 * large one that is a part.
 */
export function tellSystems(append: AppendAudit): AppendAudit {
  return async (tx, tenant, entries) => {
    const ids = entries.flatMap(({ subject: { plan, connection } }) =>
      plan === undefined || connection !== undefined ? [] : [plan],
    );
    if (ids.length === 0) return append(tx, tenant, entries);
    const rows = await readPlanSystems(tx, tenant, [...new Set(ids)]);
    const moved = new Map(rows.map((row) => [row.id, movedIn(row)]));
    const told = entries.map((entry) => {
      const { plan = '', connection } = entry.subject;
      return connection === undefined ? aboutSystems(entry, moved.get(plan) ?? {}) : entry;
    });
    return append(tx, tenant, told);
  };
}
