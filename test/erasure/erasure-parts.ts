import { join } from 'node:path';
import { createConnectionChores } from '../../src/app/connections/connection-chores.ts';
import { createErasureParts, type ErasureParts } from '../../src/app/erasure/erasure-parts.ts';
import { auditAppender, checkpointKey } from '../../src/audit/index.ts';
import { createDossiers } from '../../src/app/erasure/dossiers.ts';
import { stepErasure } from '../../src/app/erasure/run-erasure.ts';
import { stepOffboarding, type OffboardingStep } from '../../src/app/erasure/run-offboarding.ts';
import { systemClock, systemRandom } from '../../src/kernel/index.ts';
import { createLens, type Lens } from '../../src/lens/index.ts';
import type { Db, ErasureKey } from '../../src/store/index.ts';
import { createVault } from '../../src/vault/index.ts';
import { tokenConnector } from '../support/token-connector.ts';

/** The parts that erase, and their single steps, over a database of one's own; copies of records have no tables, since nobody asks them. */
export interface OwnParts extends ErasureParts {
  readonly lens: Lens;
  readonly stepErasure: (key: ErasureKey) => Promise<boolean>;
  readonly stepOffboarding: (id: number) => Promise<OffboardingStep>;
}

export function ownParts(db: Db, dir: string, masterKey: Uint8Array): OwnParts {
  const vault = createVault({ masterKey, random: systemRandom });
  const connection = { db, vault, clock: systemClock, random: systemRandom, onEvent: () => undefined };
  const lens = createLens({
    dir: join(dir, 'lens'),
    db,
    clock: systemClock,
    layout: async () => ({ version: '1', tables: [], views: [] }),
  });
  const chores = createConnectionChores({
    connection,
    targets: {
      connector: () => ({ connector: tokenConnector(), app: null }),
      ofConnection: async () => null,
    } as unknown as Parameters<typeof createConnectionChores>[0]['targets'],
    emit: () => undefined,
    beforeGrantEnds: async () => undefined,
    onGone: async () => undefined,
    onPurged: async () => undefined,
  });
  const silent = { emit: () => undefined, onGone: () => undefined, onFailure: () => undefined };
  const audit = auditAppender(systemRandom);
  const rest = { connection, audit, chores, lens, endWebhook: async () => undefined, ...silent };
  const signing = { audit, key: checkpointKey(masterKey) };
  const erasing = { ...connection, ...signing, lens, dossiers: createDossiers(vault), hasSnapshots: false, ...silent };
  return {
    ...createErasureParts({ ...rest, config: { lensSnapshots: null, masterKey } }),
    lens,
    stepErasure: (key) => stepErasure(erasing, key),
    stepOffboarding: (id) => stepOffboarding({ ...rest, db }, id),
  };
}
