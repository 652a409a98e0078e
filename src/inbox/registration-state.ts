/**
 * What a provider shall do about calling us, of one connection:
 *
 * - none: nothing is agreed, and nothing shall be; there is no row
 * - wanted: it shall call us, and has not been asked since that became so
 * - registered: it was asked, and it was so
 * - failed: it was asked and did not agree; what was agreed before may go on. It is asked again
 * - removing: it shall not call us any more, and has not been told
 */
export type RegistrationState = 'none' | 'wanted' | 'registered' | 'failed' | 'removing';

export type RegistrationEvent =
  /** It shall be registered, for the first time or otherwise than it is. */
  | 'wished'
  | 'unwished'
  /** The provider calls us as it shall. */
  | 'agreed'
  /** The provider refused, did not answer, or cannot reach us. */
  | 'refused'
  /** The provider knows nothing of us any more. */
  | 'taken_back'
  /** It could not be told, and will not be: our address is nobody's. */
  | 'given_up';

/** Null: cannot happen in this state. */
export const registrationTable: Readonly<
  Record<RegistrationState, Readonly<Record<RegistrationEvent, RegistrationState | null>>>
> = {
  none: { wished: 'wanted', unwished: 'none', agreed: null, refused: null, taken_back: null, given_up: null },
  wanted: {
    wished: 'wanted',
    unwished: 'removing',
    agreed: 'registered',
    refused: 'failed',
    taken_back: null,
    given_up: null,
  },
  registered: {
    wished: 'wanted',
    unwished: 'removing',
    // Asked again: it is still so.
    agreed: 'registered',
    refused: 'failed',
    taken_back: null,
    given_up: null,
  },
  failed: {
    wished: 'wanted',
    unwished: 'removing',
    agreed: 'registered',
    refused: 'failed',
    taken_back: null,
    given_up: null,
  },
  removing: {
    wished: 'wanted',
    unwished: 'removing',
    agreed: null,
    refused: 'removing',
    taken_back: 'none',
    given_up: 'none',
  },
};

export function afterRegistrationEvent(state: RegistrationState, event: RegistrationEvent): RegistrationState {
  const next = registrationTable[state][event];
  if (next === null) throw new Error(`a registration that is ${state} was ${event}`);
  return next;
}
