import { GantryError } from '../../kernel/index.ts';

/** Codes with which a provider refuses for good: rights, settings, plans, addresses. */
const FOR_GOOD = new Set(['upstream_forbidden', 'upstream_object_missing', 'upstream_refused']);

/**
 * Registers; what is refused for good becomes `webhook_registration_refused`
 * in words for whoever can change it. Anything else is raised as it is.
 */
export async function registering<Result>(
  work: () => Promise<Result>,
  words: (code: string) => { readonly message: string; readonly fix: string },
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof GantryError) || !FOR_GOOD.has(error.code)) throw error;
    throw new GantryError('webhook_registration_refused', {
      ...words(error.code),
      ...(error.details.where === undefined ? {} : { where: error.details.where }),
    });
  }
}

/** None of the objects is one of which the provider tells. */
export function nothingTold(title: string, objects: readonly string[]): GantryError {
  return new GantryError('webhook_registration_refused', {
    message: `${title} tells nothing of ${objects.join(', ')}.`,
    fix: 'Take `live: webhook` away from these objects in the project; they are read by schedule.',
  });
}
