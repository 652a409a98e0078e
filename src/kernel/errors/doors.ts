import { family } from './spec.ts';

/** What every door (MCP, REST) may answer before a use case is reached. */
export const doorErrors = family({
  unauthenticated: {
    status: 401,
    retry: 'after_fix',
    who: 'operator',
    meaning: 'The call carries no key, or one that is unknown, expired or revoked.',
    fix: 'Send `Authorization: Bearer <key>` with a valid key; ask the operator for one.',
  },
  host_refused: {
    status: 403,
    retry: 'after_fix',
    who: 'operator',
    meaning: 'The Host or Origin header names a place that this server does not serve.',
    fix: 'Call the server under its configured name, or add the name to its allowed hosts.',
  },
  rate_limited: {
    status: 429,
    retry: 'later',
    who: 'product_team',
    meaning: 'The agent used up the calls per minute that its grant allows.',
    fix: 'Wait until `retry_at`; fewer, larger questions (query_records with filters) need fewer calls.',
  },
  body_too_large: {
    status: 413,
    retry: 'never',
    who: 'agent',
    meaning: 'The request body is larger than this door accepts.',
    fix: 'Ask for less in one call.',
  },
  tool_unknown: {
    status: 404,
    retry: 'never',
    who: 'agent',
    meaning: 'There is no tool of that name for this caller.',
    fix: 'Use a tool of the list; a tool that the grant does not name does not exist for the caller.',
  },
});
