import { family } from './spec.ts';

/** Who acts, and in whose name. */
export const identityErrors = family({
  principal_invalid: {
    status: 400,
    retry: 'never',
    who: 'agent',
    meaning: 'The name of the user in whose name the call asks is empty, too long, or has characters nobody can see.',
    fix: "Send the name that the product gave its user, as it is; characters beyond ASCII as UTF-8''percent-encoded.",
  },
  principal_required: {
    status: 403,
    retry: 'after_fix',
    who: 'agent',
    meaning: 'The agent acts for users only, and the call names none.',
    fix: 'Name the user: header `Gantry-On-Behalf-Of`, option --on-behalf-of over stdio, or sign in as the user.',
  },
  principal_not_allowed: {
    status: 403,
    retry: 'never',
    who: 'product_team',
    meaning: 'The call names a user, and the agent acts as a service, or with a token that is about another user.',
    fix: 'Leave the user out, or let the product team set `acts_for: users` or `both` for the agent in gantry.yaml.',
  },
  agent_suspended: {
    status: 403,
    retry: 'after_fix',
    who: 'operator',
    meaning: 'The agent is suspended: none of its keys and tokens is good until it is resumed.',
    fix: 'Ask the accountable person; `gantry agents resume NAME`, or `status: active` in gantry.yaml, ends it.',
  },
  address_not_allowed: {
    status: 403,
    retry: 'after_fix',
    who: 'product_team',
    meaning: 'The agent may be used from certain networks only, and the call came from elsewhere.',
    fix: 'Call from an allowed network, or extend `ip_allow` of the agent in gantry.yaml.',
  },
  insufficient_scope: {
    status: 403,
    retry: 'after_fix',
    who: 'end_user',
    meaning: 'The access token does not have all the scopes that this call needs.',
    fix: 'Sign in again and ask for the scopes in `data.scopes`.',
  },
  role_required: {
    status: 403,
    retry: 'after_fix',
    who: 'operator',
    meaning: 'The operator is known, and their role does not allow this.',
    fix: 'Ask somebody with the role in `data.role`, or an admin to change yours: `gantry operators add`.',
  },
  sign_in_link_invalid: {
    status: 410,
    retry: 'after_fix',
    who: 'end_user',
    meaning: 'The sign-in link is unknown, was used, or ran out.',
    fix: 'Go back to the application that sent you here and try again.',
  },
  sign_in_over: {
    status: 410,
    retry: 'after_fix',
    who: 'end_user',
    meaning: 'This browser was not sent here by a program that signs in, or the time for it is over.',
    fix: 'Go back to your program and connect again; cookies have to be allowed for this page.',
  },
  sign_in_refused: {
    status: 401,
    retry: 'after_fix',
    who: 'end_user',
    meaning: 'Organisation, user and password do not fit together, or were tried too often.',
    fix: 'Check what you typed; after several attempts, wait a quarter of an hour.',
  },
  identity_invalid: {
    status: 500,
    retry: 'after_fix',
    who: 'operator',
    meaning: 'The settings of the identity provider cannot be used.',
    fix: 'Correct the file that GANTRY_IDENTITY names.',
  },
  identity_unavailable: {
    status: 503,
    retry: 'later',
    who: 'operator',
    meaning: 'The keys of the identity provider cannot be read, so its tokens cannot be checked.',
    fix: 'Try again shortly; see whether its `jwks_uri` answers from here.',
  },
});
