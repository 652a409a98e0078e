import type { ApprovalUseCases } from '../../api/index.ts';
import {
  breakGlass,
  decideApproval,
  delegate,
  delegationsNow,
  toldApprovals,
  undelegate,
  wholeApproval,
  type ApprovalDeps,
  type ToldApproval,
} from '../../approvals/index.ts';
import type { JsonObject, TenantId } from '../../kernel/index.ts';
import { listTenants, readWritePlan, type Db, type DelegationRow } from '../../store/index.ts';
import { requireTenant } from '../connections/connection-use-cases.ts';
import type { Revisions } from '../project/revisions.ts';
import { lineJson, wholeJson } from './approval-views.ts';
import { deciderOf } from './decider.ts';
import { pilotReports } from './pilot-report.ts';

/** Approvals, as the REST door and the CLI offer them. */
export function createApprovalUseCases(
  deps: ApprovalDeps & { readonly revisions: Pick<Revisions, 'current'> },
): ApprovalUseCases {
  const { db } = deps;
  return {
    list: async (_operator, request) => {
      const lines = await waiting(deps, request);
      return lines.map(({ slug, told }) => lineJson(slug, told));
    },
    show: async (_operator, { tenant, id }) => shownWhole(deps, tenant, { owner: await requireTenant(db, tenant), id }),
    decide: async (operator, { tenant, id, ...said }) => {
      const owner = await requireTenant(db, tenant);
      const decider = deciderOf(operator, 'rest');
      await decideApproval(deps, { ...said, tenant: owner, approval: id, decider });
      return shownWhole(deps, tenant, { owner, id });
    },
    breakGlass: async (operator, { tenant, plan, reason, seen }) => {
      const owner = await requireTenant(db, tenant);
      await breakGlass(deps, { tenant: owner, plan, reason, seen, decider: deciderOf(operator, 'rest') });
      return { plan, state: 'released' };
    },
    pilots: (_operator, request) => pilotReports(deps, request),
    delegations: async () => (await delegationsNow(deps)).map(shownDelegation),
    delegate: async (operator, { from, ...wish }) => {
      const decider = deciderOf(operator, 'rest');
      return shownDelegation(await delegate(deps, decider, { ...wish, from: from ?? operator.name }));
    },
    undelegate: async (operator, { id }) => {
      await undelegate(deps, deciderOf(operator, 'rest'), id);
      return { id, state: 'ended' };
    },
  };
}

/** With why it came back to people, where it did. */
async function shownWhole(
  deps: Pick<ApprovalDeps, 'db'>,
  slug: string,
  { owner, id }: { readonly owner: TenantId; readonly id: number },
): Promise<JsonObject> {
  const whole = await wholeApproval(deps, owner, id);
  const { kind, round, plan, decidedAt } = whole.row;
  if (kind === 'review' || round === 1 || decidedAt !== null) return wholeJson(slug, whole, null);
  const row = await deps.db.tenantRead(owner, (tx) => readWritePlan(tx, owner, plan));
  return wholeJson(slug, whole, row?.reason ?? null);
}

/** Of one tenant, or of all, the soonest due first. */
export async function waiting(
  deps: { readonly db: Db },
  request: { readonly tenant?: string; readonly decided: boolean; readonly plan?: string; readonly limit: number },
): Promise<readonly { readonly slug: string; readonly told: ToldApproval }[]> {
  const { db } = deps;
  const { tenant, decided, plan = null, limit } = request;
  const whose = tenant === undefined ? await listTenants(db) : [{ id: await requireTenant(db, tenant), slug: tenant }];
  let all: { readonly slug: string; readonly told: ToldApproval }[] = [];
  for (const { id, slug } of whose) {
    const own = await toldApprovals(deps, id, { decided, plan, limit });
    if (own.length === 0) continue;
    all = [...all, ...own.map((told) => ({ slug, told }))].toSorted(byDue).slice(0, limit);
  }
  return all;
}

const byDue = (a: { readonly told: ToldApproval }, b: { readonly told: ToldApproval }): number =>
  Number(a.told.row.decidedAt !== null) - Number(b.told.row.decidedAt !== null) ||
  a.told.row.dueAt.getTime() - b.told.row.dueAt.getTime();

const shownDelegation = ({ id, name, toName, since, until, createdBy }: DelegationRow): JsonObject => ({
  id,
  from: name,
  to: toName,
  since: since.toISOString(),
  until: until.toISOString(),
  given_by: createdBy,
});
