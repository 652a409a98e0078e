import { hkdfSync } from 'node:crypto';
import { join } from 'node:path';
import type { Clock, Random } from '../../kernel/index.ts';
import {
  createLens,
  createOwners,
  createPeerDoor,
  createPeers,
  createSharedLens,
  soleOwner,
  type LayoutSource,
  type Lens,
  type PeerDoor,
} from '../../lens/index.ts';
import type { Db } from '../../store/index.ts';
import type { Config } from '../config.ts';
import type { EventSink } from '../events.ts';

/**
 * What this process has to do with lens files. `alone`: it has its own and
 * knows of no other process. `api`, `lens`: it shares the tenants with the
 * other processes on the same PostgreSQL. `asks`: it has none.
 */
export type LensRole = 'alone' | 'api' | 'lens' | 'asks';

export interface LensPlace {
  readonly lens: Lens;
  /** What other processes ask through our door; null where there are none. */
  readonly peers: { readonly secrets: readonly string[]; readonly answer: PeerDoor } | null;
  /** Our door is open: from now on others can ask us. */
  openAt(url: string): void;
}

export interface LensPlaceDeps {
  readonly config: Config;
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: EventSink;
  readonly layout: LayoutSource;
  readonly role: LensRole;
}

export function createLensPlace({ config, db, clock, random, emit, layout, role }: LensPlaceDeps): LensPlace {
  const dir = join(config.dataDir, 'lens');
  const snapshotDir = snapshotsOf(config);
  const openMax = config.lensOpenMax;
  // The embedded database belongs to one process, so there is nobody to share with.
  if (role === 'alone' || db.kind === 'pglite') {
    const lens = createLens({ dir, db, layout, clock, openMax, snapshotDir, owners: soleOwner, onEvent: emit });
    return { lens, peers: null, openAt: () => undefined };
  }
  let openAt: (url: string) => void = () => undefined;
  const url = new Promise<string>((resolve) => {
    openAt = (at) => resolve(config.peerUrl ?? at);
  });
  const id = Buffer.from(random.bytes(12)).toString('base64url');
  const owners = createOwners({
    db,
    clock,
    node: role === 'asks' ? null : { id, role, url },
    // Another process may want to open the file; what is under way there ends first.
    onLost: (tenant) => void own.release(tenant).catch(() => undefined),
    onSilent: (cause) => emit({ kind: 'lens_node_silent', cause }),
  });
  const own = createLens({ dir, db, layout, clock, openMax, snapshotDir, owners, onEvent: emit });
  const secret = peerSecret(config.masterKey);
  // While the master key is exchanged, some processes have the one before or after.
  const secrets = [secret, ...config.otherMasterKeys.map(peerSecret)];
  const lens = createSharedLens({ own, owners, peers: createPeers(secret), clock });
  const peers = role === 'asks' ? null : { secrets, answer: createPeerDoor(own, owners) };
  return { lens, peers, openAt };
}

/**
 * A folder that only processes with the same master key find: two systems that
 * are given one directory must never take each other's tenants for their own.
 */
function snapshotsOf({ lensSnapshots, masterKey }: Config): string | null {
  if (lensSnapshots === null) return null;
  return join(
    lensSnapshots,
    Buffer.from(hkdfSync('sha256', masterKey, '', 'gantry lens snapshots', 12)).toString('hex'),
  );
}

/** All processes have the master key, and nobody else has: what is derived from it tells them from the rest. */
const peerSecret = (masterKey: Uint8Array): string =>
  Buffer.from(hkdfSync('sha256', masterKey, '', 'gantry lens peers', 32)).toString('base64url');
