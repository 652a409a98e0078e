import { GantryError } from '../kernel/index.ts';

/** `why` goes on after "cannot be used:". */
export function grantGone(slug: string, why: string, cause?: GantryError): GantryError {
  return new GantryError('connection_reauth_required', {
    message: `Connection ${slug} cannot be used: ${why}.`,
    where: slug,
    ...(cause === undefined ? {} : { cause }),
    ...(cause?.details.fix === undefined ? {} : { fix: cause.details.fix }),
    ...(cause?.details.data === undefined ? {} : { data: cause.details.data }),
  });
}
