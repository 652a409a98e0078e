/** A person who can sign in to the sandbox. */
export interface SandboxUser {
  readonly username: string;
  readonly password: string;
  /** The provider's own id of the user. */
  readonly id: string;
  readonly name: string;
  readonly role: 'admin' | 'user';
  readonly active: boolean;
  /** Where programs sign in with a key of the user's. */
  readonly apiKey?: string;
}

/** The one app that is registered with the provider. */
export interface OAuthClient {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Compared character by character. */
  readonly redirectUris: readonly string[];
}

/** What a person agreed to; tokens belong to it. */
export interface Grant {
  readonly id: string;
  readonly user: SandboxUser;
  readonly clientId: string;
  readonly scope: string;
}

export interface OAuthFailure {
  readonly kind: 'failure';
  /** RFC 6749 §5.2 code. */
  readonly error: 'invalid_grant' | 'invalid_client' | 'invalid_request' | 'unsupported_grant_type';
  readonly description: string;
}
