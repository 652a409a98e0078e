import { bearerOf, bearerRefused, fromOf, GantryError, type RequestFrom } from '../kernel/index.ts';

/** The one behind the request's bearer key or token, or `unauthenticated`. */
export async function requireKey<Found>(
  request: Request,
  find: (bearer: string, from: RequestFrom) => Promise<Found | null>,
  whose: 'agent' | 'operator',
): Promise<Found> {
  const bearer = bearerOf(request);
  if (bearer === null) {
    throw new GantryError('unauthenticated', {
      message: `This endpoint needs an ${whose} key.`,
      where: 'Authorization',
    });
  }
  const found = await find(bearer, fromOf(request));
  if (found !== null) return found;
  throw bearerRefused(bearer, `The key is not a valid ${whose} key.`);
}
