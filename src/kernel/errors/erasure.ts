import { family } from './spec.ts';

/** Erasing people's data, and tenants that leave. */
export const erasureErrors = family({
  erasure_too_large: {
    status: 422,
    retry: 'after_fix',
    who: 'operator',
    meaning: "More records would be erased than one erasure may: the address or text is not one person's.",
    fix: 'Look at the report of a dry run, and name the records instead, or a more exact text.',
  },
  erasure_state_conflict: {
    status: 409,
    retry: 'after_fix',
    who: 'operator',
    meaning: 'The erasure is not in a state in which this can be done.',
    fix: 'Look at its state with `gantry erase list`; what is left out can be let in again once it has ended.',
  },
  offboarding_unconfirmed: {
    status: 422,
    retry: 'after_fix',
    who: 'operator',
    meaning: 'A tenant is only removed where its name is said twice: nothing brings it back.',
    fix: 'Repeat the name of the tenant as confirmation: `gantry tenant offboard acme --confirm acme`.',
  },
});
