import { family } from './spec.ts';

/** Stopping, and letting go on. */
export const switchErrors = family({
  calls_stopped: {
    status: 503,
    retry: 'later',
    who: 'operator',
    meaning: 'A switch is thrown that stops every call to the system behind the connection; nothing was asked there.',
    fix: 'What is here already can be read. `gantry switches` says who threw it, and why; it goes on by itself once it is lifted.',
  },
  switch_scope_unknown: {
    status: 400,
    retry: 'never',
    who: 'operator',
    meaning: 'The switch names more than one thing, or something that is not there.',
    fix: 'Name one of connection, connection and object, operation, agent or principal; none of them for the whole tenant.',
  },
  switch_lifted: {
    status: 409,
    retry: 'never',
    who: 'operator',
    meaning: 'The switch does not hold any more.',
    fix: 'Look at `gantry switches`.',
  },
  switch_needs_second_person: {
    status: 403,
    retry: 'after_fix',
    who: 'operator',
    meaning: 'Two people let something go on again: one asks, another one grants, each with a key of their own.',
    fix: 'Another operator calls the same, with their own key (`gantry operators add`).',
  },
});
