/* Part of this folder's door: who comes in. */
export {
  addApiKey,
  endApiKeyAt,
  noteKeyUse,
  findApiKey,
  findApiKeyByHash,
  hashApiKey,
  listApiKeys,
  keyChannel,
  revokeApiKey,
  type ApiKeyRow,
  type FoundApiKey,
  type NewApiKey,
} from './api-keys.ts';
export {
  addConnectToken,
  findConnectToken,
  listConnectTokens,
  revokeConnectToken,
  useConnectToken,
  type ConnectTokenRow,
} from './connect-tokens.ts';
export { addOauthState, takeOauthState, type OauthStateRow } from './oauth-states.ts';
export {
  consumeOauthItem,
  findOauthItem,
  findOauthItemByUid,
  keepOauthItem,
  removeOauthAccount,
  removeOauthGrant,
  removeOauthItem,
  removeOauthUid,
  sweepOauthItems,
  type NewOauthItem,
  type OauthItem,
} from './oauth-items.ts';
export { listAgentStops, resumeAgent, stopAgent, type AgentStopRow } from './agent-stops.ts';
export {
  beginAttempt,
  endAttempts,
  findLocalUser,
  listLocalUsers,
  removeLocalUser,
  setLocalUser,
  type LocalUserRow,
} from './local-users.ts';
export { cutOperatorTokens, findOperatorCutoff } from './operator-cutoffs.ts';
export {
  noteOperatorToken,
  operatorTokenStanding,
  sweepOperatorTokens,
  type OperatorTokenRow,
  type OperatorTokenStanding,
} from './operator-tokens.ts';
export {
  addOperator,
  findOperator,
  listOperators,
  removeOperator,
  standingOfKey,
  type NewOperator,
  type OperatorRow,
} from './operators.ts';
export { addSignInLink, takeSignInLink, type NewSignInLink } from './sign-in-links.ts';
export { cutTokens, findCutoff, type TokenCutoff } from './token-cutoffs.ts';
