/** What the codes of single writes mean, for people and agents. */
const texts: Readonly<Record<string, string>> = {
  value_invalid: 'The system does not take a value; nothing was written.',
  value_missing: 'The system wants a value that is missing; nothing was written.',
  value_too_long: 'A value is too long; nothing was written.',
  value_not_allowed: 'A value is not among those that the system allows; nothing was written.',
  reference_missing: 'A record that it refers to does not exist there; nothing was written.',
  duplicate: 'The system has such a record already; nothing was written.',
  rule_refused: 'A rule that the customer made refuses it; nothing was written.',
  field_not_writable: 'A field cannot be written; nothing was written.',
  not_permitted: 'The rights for it are missing; nothing was written.',
  record_missing: 'The record does not exist there any more; nothing was written.',
  record_locked: 'Somebody else held the record too long; nothing was written.',
  limited: 'The system took no more calls; nothing was written.',
  unavailable: 'The system did not answer; nothing was written.',
  other: 'The system refused it; nothing was written.',
  record_changed: 'The record was changed since the write was prepared; nothing was written. Prepare it again.',
  restored_already: 'The record was brought back before, under another id; nothing was written.',
  match_ambiguous: 'More than one record has the value that was to find one; nothing was written.',
  erased: 'What it said was erased before it was sent; nothing was written.',
  rights_lost: 'It may not be written any more; nothing was written.',
  condition_lost: 'A condition of the operation does not hold any more; nothing was written.',
  approval_fallen: 'The approval does not hold any more; nothing was written. Prepare it again: people are asked anew.',
  trial_ended: 'The trial of the agent ended before it was sent; nothing was written.',
  not_writable: 'The system cannot take this write; nothing was written.',
  deadline_passed: 'It could not be sent in time, and will not be; nothing was written.',
  rejected: 'Not approved; it was not sent.',
  approval_expired: 'Nobody approved it in time; it was not sent.',
  withdrawn: 'Taken back before it was sent.',
  policy_changed: 'The rules are others than when it was prepared; nothing was written. Prepare it again.',
  policy_forbids: 'The policy does not let it through any more; nothing was written.',
  connection_gone: 'The connection was ended before it was sent; nothing was written.',
  step_failed: 'An earlier step of the plan did not succeed; this one was not sent.',
  answer_lost: 'Sent, and no answer came; it is being found out what became of it.',
  unclear: 'Nobody can tell by reading whether it took effect; a person has to look.',
  said: 'A person said what became of it.',
};

export const codeText = (code: string): string => texts[code] ?? 'It did not succeed.';

/** The same of one that still waits: why it was not sent when it was looked at last. */
export const waitText = (code: string): string =>
  code === 'writes_stopped'
    ? 'A kill switch holds it back; it is sent once that is lifted, unless its time is over by then.'
    : (texts[code] ?? 'It could not be sent just now; it is tried again until its time is over.');
