import { Hono } from 'hono';
import { peerPath, type PeerRequest } from '../../lens/index.ts';
import type { LensPlace } from './lens-place.ts';
import { sameKey } from '../connections/same-key.ts';

/** The way in for the other processes of the same system. Whoever has no secret of it finds nothing there. */
export function peerRoutes({ secrets, answer }: NonNullable<LensPlace['peers']>): Hono {
  const app = new Hono();
  app.post(peerPath, async (context) => {
    const bearer = /^Bearer (.+)$/.exec(context.req.header('authorization') ?? '')?.[1];
    if (bearer === undefined || !secrets.some((secret) => sameKey(bearer, secret))) return context.notFound();
    // Written by the same program (src/lens/peers.ts).
    const request = await context.req.json<PeerRequest>();
    return context.json(await answer(request));
  });
  return app;
}
