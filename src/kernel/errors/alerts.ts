import { family } from './spec.ts';

/** Telling people that something is wrong. */
export const alertErrors = family({
  alert_route_unknown: {
    status: 404,
    retry: 'never',
    who: 'operator',
    meaning: 'The project in force has no route of this name under `alerts`.',
    fix: 'Use a route of `gantry alerts routes`.',
  },
  alert_route_unset: {
    status: 409,
    retry: 'after_fix',
    who: 'operator',
    meaning: 'The route is declared, but this process was not told where it leads.',
    fix: 'Set the variable that the message names, where the server starts, and start it again.',
  },
  alert_state_conflict: {
    status: 409,
    retry: 'never',
    who: 'operator',
    meaning: 'The alert is over: nothing is left to acknowledge.',
    fix: 'Look at `gantry alerts`.',
  },
});
