import { family } from './spec.ts';

/** Telling others of changes. */
export const subscriptionErrors = family({
  subscription_unsupported: {
    status: 422,
    retry: 'never',
    who: 'product_team',
    meaning:
      'Events cannot be told as asked: whether a record matches, or what a field says, must be clear from the record alone, before and after the change.',
    fix: 'Subscribe to the native object, or leave out what needs other records: relations, measures, look-ups.',
  },
  subscription_url_refused: {
    status: 422,
    retry: 'never',
    who: 'operator',
    meaning: 'Events are sent to https addresses in public networks only.',
    fix: 'Give an https address that anybody can reach; for a receiver on this machine, set GANTRY_EVENTS_TO_LOOPBACK=1.',
  },
  subscription_state_conflict: {
    status: 409,
    retry: 'after_fix',
    who: 'operator',
    meaning: 'The subscription is not in a state in which this can be done.',
    fix: 'Look at its state with `gantry subscription list`.',
  },
  subscription_agent_keyless: {
    status: 409,
    retry: 'after_fix',
    who: 'operator',
    meaning:
      'The agent that the subscription speaks for has no good key at the tenant, so that nothing may be told to it.',
    fix: 'Make it a key with `gantry key create --tenant SLUG --agent NAME`, then try again.',
  },
  subscriptions_too_many: {
    status: 409,
    retry: 'after_fix',
    who: 'operator',
    meaning: 'The tenant has as many subscriptions as it may have.',
    fix: 'Delete those that nobody needs.',
  },
  events_gone: {
    status: 410,
    retry: 'after_fix',
    who: 'agent',
    meaning: 'The place to go on from is older than the changes that are kept (`history.keep`, at most 14 days).',
    fix: 'Read the records anew with a query, then follow events from now on.',
  },
});
