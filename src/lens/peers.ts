import { GantryError, limits, send } from '../kernel/index.ts';
import { errorFrom, peerPath, type PeerReply, type PeerRequest } from './peer-protocol.ts';

/** The other processes of the same system: how they are asked, and who may ask. */
export interface Peers {
  /** Raises what the other process raised; `lens_owner_silent` where it does not answer. */
  ask(url: string, request: PeerRequest, timeoutMs: number): Promise<PeerReply>;
}

/** `secret`: known to processes that hold the master key, and to nobody else. */
export function createPeers(secret: string): Peers {
  return {
    async ask(url, request, timeoutMs) {
      let reply: PeerReply;
      try {
        const response = await send('lens.peer', `${url}${peerPath}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
          body: JSON.stringify(request),
          signal: AbortSignal.timeout(timeoutMs + limits.sqlKillGraceMs),
        });
        if (!response.ok) throw new Error(`status ${String(response.status)}`);
        reply = (await response.json()) as PeerReply;
      } catch (cause) {
        throw new GantryError('lens_owner_silent', {
          message: 'The process that holds the local copy of this tenant does not answer.',
          cause,
        });
      }
      if (reply.kind === 'error') throw errorFrom(reply.error);
      return reply;
    },
  };
}
