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
});
