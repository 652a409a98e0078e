import type { JsonObject } from '../../kernel/index.ts';
import type { ApprovalPilot } from '../../manifest/index.ts';
import { trialFigures, type Db, type TrialFigures } from '../../store/index.ts';
import { requireTenant } from '../connections/connection-use-cases.ts';
import type { Revisions } from '../project/revisions.ts';

const DAY_MS = 24 * 3_600_000;

/** What speaks against ending a trial well; by what the figures call it. */
const surprises: readonly { readonly count: (figures: TrialFigures) => number; readonly text: string }[] = [
  { count: ({ writes }) => writes['failed'] ?? 0, text: 'writes that failed' },
  { count: ({ writes }) => writes['needs_human'] ?? 0, text: 'writes that a person has to settle' },
  { count: ({ audited }) => audited['write_unknown'] ?? 0, text: 'plans whose outcome was unknown for a while' },
  { count: ({ approvals }) => approvals['approval expired'] ?? 0, text: 'approvals that nobody gave in time' },
  { count: ({ approvals }) => approvals['approval bypassed'] ?? 0, text: 'approvals that were bypassed' },
  { count: ({ approvals }) => approvals['review objected'] ?? 0, text: 'reviews that objected' },
  { count: ({ undone }) => undone, text: 'plans that were undone' },
];

/** Pure. What a trial came to, for whoever decides whether the agent may go on by itself. */
export function graduation(pilot: ApprovalPilot, figures: TrialFigures, day: string): JsonObject {
  const { audited, approvals, writes, undone } = figures;
  const told = surprises.flatMap(({ count, text }) =>
    count(figures) === 0 ? [] : [`${String(count(figures))} ${text}`],
  );
  return {
    pilot: pilot.name,
    agent: pilot.agent,
    integration: pilot.integration,
    intents: [...pilot.intents],
    approver: pilot.approver,
    until: pilot.until,
    state: day > pilot.until ? 'ended' : 'on',
    per_day: { amount: pilot.amountPerDay, records: pilot.recordsPerDay },
    proposed: audited['plan_prepared'] ?? 0,
    asked_for: audited['plan_committed'] ?? 0,
    refused: audited['plan_refused'] ?? 0,
    approved: approvals['approval approved'] ?? 0,
    rejected: approvals['approval denied'] ?? 0,
    written: writes['succeeded'] ?? 0,
    undone,
    surprises: told,
  };
}

/** Trials of the project in force, each with its report over a tenant's last days. Raises `not_found`. */
export async function pilotReports(
  { db, revisions }: { readonly db: Db; readonly revisions: Pick<Revisions, 'current'> },
  request: { readonly tenant: string; readonly days: number },
): Promise<readonly JsonObject[]> {
  const tenant = await requireTenant(db, request.tenant);
  const pilots = (await revisions.current())?.manifest.policies.approvals?.pilots ?? [];
  return db.tenantRead(tenant, async (tx) => {
    const since = new Date(tx.now.getTime() - request.days * DAY_MS);
    const day = tx.now.toISOString().slice(0, 10);
    const reports: JsonObject[] = [];
    for (const pilot of pilots) {
      reports.push(graduation(pilot, await trialFigures(tx, tenant, { agent: pilot.agent, since }), day));
    }
    return reports;
  });
}
