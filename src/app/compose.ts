import type { TenantId } from '../kernel/index.ts';
import type { ToolDoor } from '../mcp/index.ts';
import type { Db } from '../store/index.ts';
import { createAccessParts } from './access/access-parts.ts';
import { createAlertParts, createEar } from './alerts/alert-parts.ts';
import { createAnswers } from './answers.ts';
import { createApiRole } from './api-role.ts';
import { createApprovalParts } from './approvals/approval-parts.ts';
import { assembled } from './assembled.ts';
import { createAuditParts } from './audit/audit-parts.ts';
import { createBudgetUseCases } from './connections/budget-use-cases.ts';
import type { ReportDeps } from './connections/connection-reports.ts';
import { createUserSignIns } from './connections/user-sign-ins.ts';
import { createVaultUseCases } from './connections/vault-use-cases.ts';
import { createConsoleParts } from './console/console-parts.ts';
import { createCore, type Composed, type Core } from './core.ts';
import { createErasureParts } from './erasure/erasure-parts.ts';
import { forgetTenant } from './erasure/forget-tenant.ts';
import type { Gantry } from './gantry.ts';
import { createIdentityParts } from './identity/identity-parts.ts';
import { createLensUseCases } from './lens/lens-use-cases.ts';
import { listenForOthers } from './listen-for-others.ts';
import { createProjectUseCases } from './project/project-use-cases.ts';
import { createChecklist } from './checklist/checklist-use-cases.ts';
import { createSubscriptionParts } from './subscription-parts.ts';
import { version } from './version.ts';
import { endWebhook } from './webhooks/webhook-registrations.ts';
import { createMakeWebhook, createTakeDelivery } from './webhooks/webhooks.ts';
import { createWork } from './work.ts';
import { createPlanUseCases } from './write/plan-use-cases.ts';
import { createWriteParts } from './write/write-parts.ts';

/** All parts of a process, each made once and given what it needs. */
export async function compose(given: Composed): Promise<Gantry> {
  const ear = createEar(given.emit);
  const options = { ...given, emit: ear.emit };
  const { config, db } = options;
  const core = createCore(options);
  const { revisions, catalogues, lens, place } = core;
  const status: ReportDeps = { db, revisions, catalogues, lens, manifests: core.manifests };
  const work = createWork(core, config, status);
  const { worker, chores, connections } = work;
  const comers = await createComers(core, options);
  const { access, identity, telling } = comers;
  const deeds = createDeeds(core, options, { chores, access, identity });
  const { audit, erasing, alerting, approving, writing } = deeds;
  ear.hearBy(alerting.hear);
  const answering = { status, access, audit, writing };
  const { connectionNotes, door } = createAnswers(core, answering, () => worker.wake(), telling.readEvents);
  const stopNews = await listenAll(core, { connectionNotes, access, identity, erasing, db });
  const { api, viewing } = createDoorsOf(core, options, { work, comers, deeds, door });
  const workers = { chores, worker, access, telling, alerting, approving, audit, erasing, writing };
  return assembled(
    { ...core, config, db, callers: identity.callers, connections, door },
    {
      ...workers,
      api,
      place,
      stopNews: async () => {
        await stopNews();
        await viewing.stop();
      },
    },
  );
}

type Parts<Make extends (...given: never[]) => unknown> = Awaited<ReturnType<Make>>;

/** Who comes in, what they are shown, and who is told of changes. */
async function createComers(core: Core, { config, emit, clock, random, db }: Composed) {
  const access = createAccessParts({ ...core, db, clock, random });
  const identity = createIdentityParts({ ...core, config, db, clock, random, access: access.reader });
  const telling = await createSubscriptionParts({
    ...core,
    config,
    db,
    vault: core.connection.vault,
    clock,
    random,
    emit,
    findCaller: identity.doors.findCaller,
    access: access.reader,
    stops: identity.stops,
  });
  return { access, identity, telling };
}

type Comers = Parts<typeof createComers>;

/** What has effects: each keeps what it did in the audit. */
function createDeeds(
  core: Core,
  { config, clock, random, db }: Composed,
  parts: Pick<Comers, 'access' | 'identity'> & Pick<ReturnType<typeof createWork>, 'chores'>,
) {
  const { access, identity, chores } = parts;
  const slugOf = (tenant: TenantId): Promise<string | null> => core.manifests.slugOf(tenant);
  const audit = createAuditParts({ ...core, config, db, clock, random, slugOf });
  const erasing = createErasureParts({
    ...core,
    config,
    chores,
    audit: audit.append,
    endWebhook: (tenant, id) => endWebhook(core, tenant, id),
    onGone: (tenant) => forgetTenant({ ...core, forgetKeys: identity.forgetKeys }, tenant),
  });
  const alerting = createAlertParts({ ...core, config, db, vault: core.connection.vault, clock, random });
  const { connection } = core;
  const approving = createApprovalParts({
    ...core,
    ...connection,
    config,
    audit: audit.append,
    tell: alerting.tell,
  });
  const writing = createWriteParts({
    ...core,
    ...connection,
    audit: audit.append,
    approvals: approving.forPlans,
    access,
    stops: identity.stops,
  });
  approving.releaseBy(writing.writes.decided);
  return { audit, erasing, alerting, approving, writing };
}

type Deeds = ReturnType<typeof createDeeds>;

/** What other processes say. Returns the way to stop. */
async function listenAll(
  core: Core,
  parts: Pick<Comers, 'access' | 'identity'> &
    Pick<Deeds, 'erasing'> &
    Pick<Parts<typeof createAnswers>, 'connectionNotes'> & { readonly db: Db },
): Promise<() => Promise<void>> {
  const { access, identity, erasing, connectionNotes, db } = parts;
  const stops = [
    await listenForOthers({ ...core, db, forgetKeys: identity.forgetKeys, connectionNotes }),
    await core.budgets.listen(),
    await access.reader.listen(),
    await erasing.listen(),
  ];
  return async () => {
    for (const stop of stops) await stop();
  };
}

/** What is behind each address. */
function createDoorsOf(
  core: Core,
  options: Composed,
  parts: {
    readonly work: ReturnType<typeof createWork>;
    readonly comers: Comers;
    readonly deeds: Deeds;
    readonly door: ToolDoor;
  },
) {
  const { config, emit, clock, random, db } = options;
  const { revisions, overlays, lens, place, connection, targets } = core;
  const { work, comers, deeds, door } = parts;
  const { access, identity, telling } = comers;
  const { audit, erasing, alerting, approving, writing } = deeds;
  const viewing = createConsoleParts({ config, db, clock, random, emit, findOperator: identity.doors.findOperator });
  const api = createApiRole({
    config,
    version,
    door,
    ...identity.doors,
    connections: work.connections,
    ...work.connectionParts,
    project: createProjectUseCases({ revisions, overlays }),
    lens: createLensUseCases({ db, lens }),
    budgets: createBudgetUseCases({ db, ...core }),
    alerts: alerting.alerts,
    ...approving.doors,
    audit: audit.audit,
    console: viewing.console,
    checklist: createChecklist({ db, clock, targets, audit: audit.audit, manifests: core.manifests }),
    switches: audit.switches,
    subscriptions: telling.subscriptions,
    events: telling.events,
    followEvents: telling.followEvents,
    users: createUserSignIns({ connection, targets, ownLinks: access.ownLinks }),
    principals: access.principals,
    vault: createVaultUseCases({ ...connection, append: core.append }),
    writePlans: createPlanUseCases({ db, clock, ...writing }),
    erasures: erasing.erasures,
    offboardings: erasing.offboardings,
    makeWebhook: createMakeWebhook({ connection, targets, publicUrl: config.publicUrl }),
    takeDelivery: createTakeDelivery({ connection, targets, publicUrl: config.publicUrl, emit }),
    db,
    random,
    emit,
    peers: place.peers,
    agents: options.lensRole !== 'lens',
  });
  return { api, viewing };
}
