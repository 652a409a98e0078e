import { family } from './spec.ts';

/** Plans and writes, from commit to undo. */
export const writeErrors = family({
  write_plan_unknown: {
    status: 404,
    retry: 'never',
    who: 'agent',
    meaning: 'There is no such plan, or it is not of the agent and user who ask.',
    fix: 'Use the id that preparing the write returned; prepare it again if it is lost.',
  },
  write_plan_has_problems: {
    status: 422,
    retry: 'never',
    who: 'agent',
    meaning: 'The plan has problems that were told when it was prepared, so that it cannot be committed.',
    fix: 'Mend what its problems name, and prepare the write again.',
  },
  write_plan_expired: {
    status: 410,
    retry: 'never',
    who: 'agent',
    meaning: 'The plan was not committed in time; nothing of it was sent.',
    fix: 'Prepare the write again: what it would change may be different by now.',
  },
  write_state_conflict: {
    status: 409,
    retry: 'never',
    who: 'agent',
    meaning: 'The plan or write is not in a state in which this can be done.',
    fix: 'Look at its state with `get_status` or `gantry plan ID`.',
  },
  write_erased: {
    status: 410,
    retry: 'never',
    who: 'operator',
    meaning: 'What the write said, or whose it was, was erased, so that it cannot be sent again.',
    fix: 'Where it is still wanted and may be, have it prepared anew.',
  },
  write_key_reused: {
    status: 422,
    retry: 'never',
    who: 'agent',
    meaning: 'The idempotency key was used before for another request; nothing was done.',
    fix: 'Send the same body as before, or use a new key for another write.',
  },
  write_key_invalid: {
    status: 400,
    retry: 'never',
    who: 'agent',
    meaning: 'An idempotency key has 1 to 255 printable characters.',
    fix: 'Use a random text such as a UUID, one for each write that is meant.',
  },
  writes_stopped: {
    status: 503,
    retry: 'after_fix',
    who: 'operator',
    meaning: 'A switch is thrown that stops this write; nothing of it was sent.',
    fix: 'Ask the operator; `gantry switches` says who threw it, and why.',
  },
  approval_unavailable: {
    status: 503,
    retry: 'after_fix',
    who: 'operator',
    meaning: 'People have to approve the write, and this installation has no approvals.',
    fix: 'Run the version of Gantry that has approvals everywhere.',
  },
  write_unknown: {
    status: 404,
    retry: 'never',
    who: 'operator',
    meaning: 'The plan has no such write.',
    fix: 'Count the writes of a plan from 0; `gantry plan ID` lists them.',
  },
});
