import { toGantryError } from '../kernel/index.ts';
import type { Lens } from './contract.ts';
import type { Owners } from './owners.ts';
import { runPeerRequest, type PeerReply, type PeerRequest } from './peer-protocol.ts';

/** Answers the questions of other processes; whoever mounts it has checked the secret. */
export type PeerDoor = (request: PeerRequest) => Promise<PeerReply>;

export function createPeerDoor(lens: Lens, owners: Owners): PeerDoor {
  return async (request) => {
    try {
      await owners.take(request.tenant);
      return await runPeerRequest(lens, request);
    } catch (error) {
      return { kind: 'error', error: toGantryError(error).toBody() };
    }
  };
}
