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
});
