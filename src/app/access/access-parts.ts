import type { ShownFields } from '../../access/index.ts';
import type { AppendAudit } from '../../audit/index.ts';
import type { PrincipalUseCases } from '../../api/index.ts';
import type { Clock, Random, StreamId, TenantId } from '../../kernel/index.ts';
import type { Lens } from '../../lens/index.ts';
import type { Db } from '../../store/index.ts';
import { startAccessWorker, type AccessWorker } from '../../sync/index.ts';
import type { EventSink } from '../events.ts';
import type { TenantManifests } from '../project/tenant-manifests.ts';
import type { Targets } from '../sync/targets.ts';
import { createAccessReader, type AccessReader } from './access-reader.ts';
import { fieldsNow, type FieldsNowRequest } from './fields-now.ts';
import { createLinkUseCases } from './link-use-cases.ts';
import { createOwnLinks, type OwnLinks } from './own-links.ts';
import { visibleNow } from './visible-now.ts';

export interface AccessParts {
  readonly reader: AccessReader;
  readonly principals: PrincipalUseCases;
  readonly ownLinks: OwnLinks;
  /** Those of the records that their source shows the principal at this moment; null where it cannot be asked. */
  readonly visibleNow: (request: {
    readonly tenant: TenantId;
    readonly principal: string;
    readonly stream: StreamId;
    readonly ids: readonly string[];
  }) => Promise<ReadonlySet<string> | null>;
  /** Native fields that the sources show the principal at this moment; streams whose source cannot be asked are not in it. */
  readonly fieldsNow: (request: FieldsNowRequest) => Promise<ShownFields>;
  /** Learns rights, in a process that does such work. */
  start(): void;
  stop(): Promise<void>;
}

/** Who is shown what: learned from the sources, kept, and read by whoever answers questions. */
export function createAccessParts(deps: {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly manifests: TenantManifests;
  readonly targets: Targets;
  readonly lens: Lens;
  readonly emit: EventSink;
  readonly append: AppendAudit;
}): AccessParts {
  const { db, clock, random, manifests, targets, lens, emit, append } = deps;
  const name = `access-${Buffer.from(random.bytes(6)).toString('hex')}`;
  let worker: AccessWorker | null = null;
  const wake = (): void => worker?.wake();
  const purpose = (isAwaited: boolean) => (isAwaited ? 'interactive' : 'background');
  return {
    reader: createAccessReader({ db, clock, manifests, caughtUp: (tenant) => lens.catchUp(tenant), wake }),
    principals: createLinkUseCases({ db, targets, append, wake }),
    ownLinks: createOwnLinks({ db, targets, wake }),
    visibleNow: (request) => visibleNow({ db, targets }, request),
    fieldsNow: (request) => fieldsNow({ db, targets }, request),
    start: () => {
      worker ??= startAccessWorker(
        {
          db,
          clock,
          random,
          onEvent: emit,
          maxAgeMs: async (tenant) => (await manifests.of(tenant))?.manifest.access?.maxAgeMs ?? null,
          targetOf: (tenant, connection, isAwaited) => targets.ofConnection(tenant, connection, purpose(isAwaited)),
          integrationOf: (tenant, connection) => targets.integrationOf(tenant, connection),
          userSession: (tenant, connection, principal, isAwaited) =>
            targets.asUser(tenant, connection, principal, purpose(isAwaited)),
        },
        name,
      );
    },
    stop: async () => worker?.stop(),
  };
}
