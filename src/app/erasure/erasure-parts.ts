import type { ErasureUseCases, OffboardingUseCases } from '../../api/index.ts';
import { checkpointKey, type AppendAudit } from '../../audit/index.ts';
import type { ConnectionDeps } from '../../connection/index.ts';
import type { ConnectionId, TenantId } from '../../kernel/index.ts';
import type { Lens } from '../../lens/index.ts';
import type { Config } from '../config.ts';
import type { ConnectionChores } from '../connections/connection-chores.ts';
import type { EventSink } from '../events.ts';
import type { ErasureDeps } from './deps.ts';
import { createDossiers } from './dossiers.ts';
import { createGoneFiles, openErasureLane } from './erasure-lane.ts';
import { createErasureUseCases } from './erasure-use-cases.ts';
import { createOffboardingUseCases } from './offboarding-use-cases.ts';
import type { OffboardingDeps } from './run-offboarding.ts';

export interface ErasurePartsDeps {
  readonly config: Pick<Config, 'lensSnapshots' | 'masterKey'>;
  readonly connection: ConnectionDeps;
  readonly chores: Pick<ConnectionChores, 'perform'>;
  readonly endWebhook: (tenant: TenantId, connection: ConnectionId) => Promise<void>;
  readonly lens: Lens;
  readonly audit: AppendAudit;
  readonly onGone: (tenant: TenantId) => void;
  readonly emit: EventSink;
}

export interface ErasureParts {
  readonly erasures: ErasureUseCases;
  readonly offboardings: OffboardingUseCases;
  /** Goes on with what nobody is at. */
  start(): void;
  stop(): Promise<void>;
  /** Listens for tenants that left. Returns the way to stop. */
  listen(): Promise<() => Promise<void>>;
  /** Removes files of tenants that left while this process did not run; to be asked for where there are files. */
  clearGone(): Promise<void>;
}

/** Erasing people's data and tenants that leave, put together. */
export function createErasureParts(deps: ErasurePartsDeps): ErasureParts {
  const { config, connection, chores, endWebhook, lens, audit, onGone, emit } = deps;
  const { db, vault, clock, random } = connection;
  const erasures: ErasureDeps = {
    db,
    clock,
    random,
    lens,
    audit,
    key: checkpointKey(config.masterKey),
    emit,
    dossiers: createDossiers(vault),
    hasSnapshots: config.lensSnapshots !== null,
  };
  const onFailure = (cause: unknown): void => emit({ kind: 'erasure_failed', cause });
  const offboardings: OffboardingDeps = { db, audit, connection, chores, endWebhook, lens, onGone, onFailure };
  const lane = openErasureLane({ db, clock, emit, erasures, offboardings });
  const gone = createGoneFiles({ db, lens, onGone, emit });
  return {
    erasures: createErasureUseCases(erasures),
    offboardings: createOffboardingUseCases({ ...offboardings, clock }),
    start: () => lane.start(),
    stop: () => lane.stop(),
    listen: () => gone.listen(),
    clearGone: () => gone.clear(),
  };
}
