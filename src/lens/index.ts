export type {
  LayoutSource,
  Lens,
  LensAnswer,
  LensAnswerColumn,
  LensRead,
  DiscardedFiles,
  LensSnapshot,
  LensSqlRead,
  LensStatus,
  SessionRelation,
  SqlCaller,
  StreamFreshness,
} from './contract.ts';
export { createLens, type LensOptions } from './create-lens.ts';
export { createOwners, soleOwner, type Owners } from './owners.ts';
export { createPeerDoor, type PeerDoor } from './peer-door.ts';
export { createPeers } from './peers.ts';
export { peerPath, type PeerRequest } from './peer-protocol.ts';
export { createSharedLens } from './shared-lens.ts';
export type { LensEvent } from './events.ts';
