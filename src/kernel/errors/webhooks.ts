import { family } from './spec.ts';

/** What providers hear whose webhooks call us. */
export const webhookErrors = family({
  webhook_signature_invalid: {
    status: 401,
    retry: 'after_fix',
    who: 'operator',
    meaning: 'The delivery is not signed with the secret that was agreed, or its time is too far from now.',
    fix: 'Enter the secret of this address at the provider again, and check that the clocks are right.',
  },
  webhook_unreadable: {
    status: 400,
    retry: 'never',
    who: 'provider',
    meaning: 'The delivery is signed, but not what the provider documents.',
    fix: 'Check that the webhook at the provider sends events, not a body of somebody else.',
  },
  webhook_not_kept: {
    status: 503,
    retry: 'later',
    who: 'operator',
    meaning: 'The delivery could not be kept: the database is away. Nothing of it was taken.',
    fix: 'Repeat; providers do so by themselves.',
  },
  webhook_registration_refused: {
    status: 422,
    retry: 'after_fix',
    who: 'end_user',
    meaning: 'The provider does not let the connected user have it call Gantry. What changes is found by schedule.',
    fix: 'Give the connected user the right that is named, or register the webhook by hand (docs/webhooks-in.md).',
  },
  webhook_unsupported: {
    status: 422,
    retry: 'never',
    who: 'operator',
    meaning: 'The provider calls no webhooks, so an address for it would never be called.',
    fix: 'Leave it: the schedule reads what changes. Where the provider has a stream, the project can ask for `live: stream`.',
  },
  webhook_address_unreachable: {
    status: 422,
    retry: 'after_fix',
    who: 'operator',
    meaning: 'Providers cannot call the address that Gantry would give them.',
    fix: 'Set GANTRY_PUBLIC_URL to an https address that the provider reaches.',
  },
});
