import type { ConnectionLifeUseCases, ConnectPageUseCases, ConnectTokenUseCases } from '../../api/index.ts';
import type { Connected, ConnectionDeps } from '../../connection/index.ts';
import type { TenantId } from '../../kernel/index.ts';
import type { Lens } from '../../lens/index.ts';
import type { Config } from '../config.ts';
import { createConnectPage } from './connect-page.ts';
import { createConnectTokens } from './connect-tokens.ts';
import { createConnectionChores, type ChoreDeps, type ConnectionChores } from './connection-chores.ts';
import { createConnectionLife } from './connection-life.ts';
import type { ReportDeps } from './connection-reports.ts';
import type { EventSink } from '../events.ts';
import type { Targets } from '../sync/targets.ts';
import type { TenantManifests } from '../project/tenant-manifests.ts';

export interface ConnectionPartsDeps {
  readonly config: Config;
  readonly connection: ConnectionDeps;
  readonly targets: Targets;
  readonly manifests: TenantManifests;
  readonly status: ReportDeps;
  readonly lens: Pick<Lens, 'rebuild' | 'snapshot'>;
  readonly emit: EventSink;
  readonly beforeGrantEnds: ChoreDeps['beforeGrantEnds'];
  /** A tenant's connections are not what they were: catalogues and lenses look again, in all processes. */
  readonly onGone: (tenant: TenantId) => void;
  readonly onConnected: (connected: Connected) => void;
  readonly wakeSync: () => void;
}

export interface ConnectionParts {
  readonly chores: ConnectionChores;
  readonly connectionLife: ConnectionLifeUseCases;
  readonly connectTokens: ConnectTokenUseCases;
  readonly connectPage: ConnectPageUseCases;
}

/** The life of connections after and before sign-ins, put together. */
export function createConnectionParts(deps: ConnectionPartsDeps): ConnectionParts {
  const { config, connection, targets, status, lens } = deps;
  const chores = createConnectionChores({
    connection,
    targets,
    emit: deps.emit,
    beforeGrantEnds: deps.beforeGrantEnds,
    onGone: async (tenant) => deps.onGone(tenant),
    onPurged: async (tenant) => {
      // A file keeps the room of dropped tables, with what was in it, until it is made anew; so does its copy.
      await lens.rebuild(tenant);
      if (config.lensSnapshots !== null) await lens.snapshot(tenant);
    },
  });
  return {
    chores,
    connectionLife: createConnectionLife({ connection, status, chores, wakeSync: deps.wakeSync }),
    connectTokens: createConnectTokens({ config, connection, targets }),
    connectPage: createConnectPage(deps),
  };
}
