import {
  startApprovalWorker,
  type ApprovalDeps,
  type ApprovalMessage,
  type ApprovalWorker,
  type TellDeps,
} from '../../approvals/index.ts';
import { forChat, type Content } from '../../alerts/index.ts';
import type { ApprovalPageUseCases, ApprovalUseCases } from '../../api/index.ts';
import type { AppendAudit } from '../../audit/index.ts';
import type { Clock, Random } from '../../kernel/index.ts';
import { policyVersionOf } from '../../policy/index.ts';
import type { Db } from '../../store/index.ts';
import type { PlanApprovals } from '../../write/index.ts';
import type { AlertParts } from '../alerts/alert-parts.ts';
import type { Config } from '../config.ts';
import type { EventSink } from '../events.ts';
import type { Revisions } from '../project/revisions.ts';
import type { TenantManifests } from '../project/tenant-manifests.ts';
import { rulesNow } from '../write/plan-rules.ts';
import { approvalSettings } from './approval-settings.ts';
import { createApprovalPage } from './approval-page.ts';
import { createApprovalUseCases } from './approval-use-cases.ts';
import { createPlanApprovals } from './plan-approvals.ts';
import { tellSystems } from './tell-systems.ts';

export interface ApprovalPartDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: EventSink;
  readonly audit: AppendAudit;
  readonly config: Pick<Config, 'publicUrl'>;
  readonly manifests: TenantManifests;
  readonly revisions: Pick<Revisions, 'current'>;
  readonly tell: AlertParts['tell'];
}

export interface ApprovalParts {
  readonly doors: { readonly approvals: ApprovalUseCases; readonly approvalPage: ApprovalPageUseCases };
  /** How plans ask people. */
  readonly forPlans: PlanApprovals;
  /** What carries plans out; said once, before anybody decides. */
  releaseBy(release: ApprovalDeps['onDecided']): void;
  start(): void;
  stop(): Promise<void>;
}

/** People's decisions about what agents want to write. */
export function createApprovalParts(parts: ApprovalPartDeps): ApprovalParts {
  const { db, clock, random, emit, audit, revisions, tell } = parts;
  let release: ApprovalDeps['onDecided'] | null = null;
  const deps: TellDeps & { readonly clock: Clock } = {
    db,
    clock,
    random,
    audit: tellSystems(audit),
    onEvent: emit,
    publicUrl: parts.config.publicUrl,
    slugOf: (tenant) => parts.manifests.slugOf(tenant),
    settings: approvalSettings(revisions),
    policyVersionOf: async (tenant, agent) => {
      const own = await parts.manifests.of(tenant);
      return own === null ? null : policyVersionOf(rulesNow(own.manifest, agent, clock));
    },
    onDecided: async (tx, tenant, plan, outcome) => {
      if (release === null) throw new Error('nothing carries plans out here');
      return release(tx, tenant, plan, outcome);
    },
    tell: (to, message) => tell(to, contentOf(message)),
  };
  let worker: ApprovalWorker | null = null;
  return {
    doors: { approvals: createApprovalUseCases({ ...deps, revisions }), approvalPage: createApprovalPage(deps) },
    forPlans: createPlanApprovals(deps),
    releaseBy: (next) => {
      release = next;
    },
    start: () => {
      worker ??= startApprovalWorker(deps, `approvals-${Buffer.from(random.bytes(6)).toString('hex')}`);
    },
    stop: async () => {
      await worker?.stop();
    },
  };
}

/** The address alone is a link; nothing else that is told can become one. */
function contentOf({ id, subject, lines, url, urlSays }: ApprovalMessage): Content {
  return {
    id,
    chat: [...[subject, ...lines].map(forChat), `${urlSays}: ${url}`].join('\n'),
    mail: { subject, text: `${[...lines, `${urlSays}:\n${url}`].join('\n\n')}\n` },
    bodyAt: (now) => ({
      type: 'approval',
      timestamp: now.toISOString(),
      data: { subject, lines: [...lines], url },
    }),
  };
}
