import { family } from './spec.ts';

export const accessErrors = family({
  access_rule_invalid: {
    status: 403,
    retry: 'after_fix',
    who: 'product_team',
    meaning:
      'The rule that limits which records the caller may see cannot be applied to this tenant, so none are shown.',
    fix: "The product team corrects the `where` of the agent's grant, or maps the field that it needs.",
  },
  user_list_unavailable: {
    status: 422,
    retry: 'never',
    who: 'operator',
    meaning: 'The connection is not signed in, or its provider does not tell who the users of the account are.',
    fix: 'Sign in to the connection again where that has ended; else link each user by the id it has there.',
  },
  principal_links_full: {
    status: 422,
    retry: 'after_fix',
    who: 'operator',
    meaning: 'More users would be linked in one connection than Gantry keeps the rights of.',
    fix: 'Link only those whom agents act for, and remove links of others.',
  },
  access_unknown: {
    status: 403,
    retry: 'after_fix',
    who: 'operator',
    meaning:
      'The call is in the name of a user, and nobody knows what that user may see in the systems that it asks for, so nothing is shown.',
    fix: 'Do what `data.withheld` says of each system: link the user to its account there, have it sign in, or wait until its rights have been read.',
  },
});
