/** RFC 8693. */
export const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const exchangeParameters = [
  'subject_token',
  'subject_token_type',
  'actor_token',
  'actor_token_type',
  'requested_token_type',
  'scope',
  'resource',
] as const;

/** The product's name for its user, in clear: the agent's key beside it says that it may be believed. */
export const PRINCIPAL_TYPE = 'urn:gantry:token-type:principal';
export const AGENT_KEY_TYPE = 'urn:gantry:token-type:agent-key';
export const ACCESS_TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token';

/** A backend wants a short token with which something that it runs may act for one user. */
export interface ExchangeRequest {
  /** As the client is called: the agent's name. */
  readonly agent: string;
  readonly agentKey: string;
  readonly principal: string;
  /** Null: the least that there is. */
  readonly scopes: readonly string[] | null;
  readonly resource: string;
  /** IP address of the backend. */
  readonly address: string;
}

export interface Exchanged {
  readonly token: string;
  readonly expiresInS: number;
  readonly scopes: readonly string[];
}
