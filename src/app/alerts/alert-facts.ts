import type { AlertFacts, BudgetFact, InstallationFacts, MappingFact, WebhookFact } from '../../alerts/index.ts';
import type { BudgetReport, Budgets } from '../../budget/index.ts';
import type { Connector } from '../../connectors/index.ts';
import { GantryError, limits, type TenantId } from '../../kernel/index.ts';
import type { CatalogueDiagnostic } from '../../mapping/index.ts';
import { inspectDatabase, listConnections, openGlobalSwitches, readMigrations, type Db } from '../../store/index.ts';
import type { Vault } from '../../vault/index.ts';
import { budgetsOf } from '../connections/budget-use-cases.ts';
import type { Catalogues } from '../project/catalogues.ts';
import type { Revisions } from '../project/revisions.ts';
import type { TenantManifests } from '../project/tenant-manifests.ts';
import { webhookReports } from '../webhooks/webhook-status.ts';

export interface AlertFactDeps {
  readonly db: Db;
  readonly vault: Vault;
  readonly budgets: Budgets;
  readonly revisions: Revisions;
  readonly manifests: TenantManifests;
  readonly catalogues: Pick<Catalogues, 'of'>;
  readonly connectors: ReadonlyMap<string, Connector>;
}

/** What alerts are made of beside the tenant's own rows. */
export function createAlertFacts(deps: AlertFactDeps): (tenant: TenantId) => Promise<AlertFacts> {
  const { db, vault, revisions } = deps;
  return async (tenant) => {
    const integrations = (await revisions.current())?.manifest.integrations;
    const project = await projectFacts(deps, tenant);
    return {
      titleOf: (name) => integrations?.get(name)?.title ?? name,
      ...project,
      // Limits depend on the tenant's manifest.
      budgets: project.overlay?.why === undefined ? await budgetFacts(deps, tenant) : null,
      webhooks: await webhookFacts(db, tenant),
      vault: await db.tenantRead(tenant, (tx) => vault.state(tx, tenant)),
    };
  };
}

/** What is mapped and not there, as far as a project is applied; where the overlay does not fit, nothing else is known. */
async function projectFacts(
  { catalogues }: AlertFactDeps,
  tenant: TenantId,
): Promise<Pick<AlertFacts, 'mappings' | 'overlay'>> {
  try {
    const { diagnostics } = await catalogues.of(tenant);
    return { mappings: brokenMappings(diagnostics), overlay: { why: undefined } };
  } catch (error) {
    if (!(error instanceof GantryError)) throw error;
    if (error.code === 'overlay_stale') return { mappings: null, overlay: { why: error.message } };
    // No project yet: nothing maps anything.
    if (error.code === 'not_found') return { mappings: [], overlay: { why: undefined } };
    throw error;
  }
}

/** A value without a mapping, or records that cannot match, are counted by `gantry status`; these take a field away. */
const BREAKING: ReadonlySet<CatalogueDiagnostic['code']> = new Set([
  'native_field_missing',
  'native_object_missing',
  'type_mismatch',
]);

function brokenMappings(diagnostics: readonly CatalogueDiagnostic[]): MappingFact[] {
  const breaking = diagnostics.filter(({ code }) => BREAKING.has(code));
  return [...new Set(breaking.map(({ object }) => object))].map((object) => ({
    object,
    reasons: breaking.filter((each) => each.object === object).map(({ message }) => message),
  }));
}

async function budgetFacts(deps: AlertFactDeps, tenant: TenantId): Promise<BudgetFact[]> {
  return runningOut(await deps.budgets.report(await budgetsOf(deps, tenant)));
}

/** Pure. A limit that is given anew within the hour is used up and waited for all day long: nobody has to act. */
export function runningOut(reports: readonly BudgetReport[]): BudgetFact[] {
  return reports.flatMap(({ connections, limit, windowS, used, calls, exhaustedAt, resetsAt }) => {
    const [first] = connections;
    if (first === undefined || calls === null || exhaustedAt === null) return [];
    if (windowS * 1_000 < limits.budgetToldWindowMs) return [];
    return [{ connection: first.slug, limit, used, calls, exhaustedAt, resetsAt }];
  });
}

async function webhookFacts(db: Db, tenant: TenantId): Promise<WebhookFact[]> {
  const reports = await webhookReports(db, tenant);
  const rows = await db.tenantRead(tenant, (tx) => listConnections(tx, tenant));
  const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  return rows.flatMap(({ id, slug, state }) => {
    const report = reports.get(id);
    if (report?.['state'] !== 'failed' || state === 'deleted') return [];
    const { what, who_can_fix: who, fix } = report;
    return [
      {
        connection: id,
        slug,
        what: textOf(what) ?? '',
        who: textOf(who ?? null),
        fix: textOf(fix ?? null),
      },
    ];
  });
}

/** As far as it concerns everybody. */
export async function installationFacts(db: Db): Promise<InstallationFacts> {
  const { durable, archived, migrations } = await inspectDatabase(db);
  const own = new Set((await readMigrations()).map(({ name }) => name));
  const unknownMigrations = migrations.filter((name) => !own.has(name));
  const switches = await db.read(openGlobalSwitches);
  return { embedded: db.kind === 'pglite', durable, archived, unknownMigrations, switches };
}
