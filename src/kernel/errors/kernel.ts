import { family } from './spec.ts';

export const kernelErrors = family({
  internal: {
    status: 500,
    retry: 'later',
    who: 'operator',
    meaning: 'A defect or an unforeseen state inside Gantry.',
    fix: 'Retry once; if it persists, give the request id to the operator.',
  },
  bad_request: {
    status: 400,
    retry: 'never',
    who: 'agent',
    meaning: 'The request does not have the expected shape.',
    fix: 'Correct the argument that `where` names.',
  },
  config_invalid: {
    status: 500,
    retry: 'after_fix',
    who: 'operator',
    meaning: 'A setting from the environment is missing or wrong.',
    fix: 'Correct the variable that `where` names and start again.',
  },
  not_found: {
    status: 404,
    retry: 'never',
    who: 'agent',
    meaning: 'Nothing with that name or id is visible to the caller.',
    fix: 'Check the spelling of the name or number.',
  },
});
