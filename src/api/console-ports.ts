import type { Operator } from './ports.ts';

/** What of a screen has changed; the screen asks for it then. `alive`: nothing has. */
export type ConsoleNews = 'ready' | 'alive' | 'approvals_changed' | 'audit_grew' | 'connections_changed';

/** A file of the built console. */
export interface ConsoleFile {
  readonly bytes: Uint8Array;
  readonly type: string;
}

/** What the console needs beside the addresses that everybody uses. Implemented by src/app/console. */
export interface ConsoleUseCases {
  /** Browsers reach us by https. */
  readonly secure: boolean;
  /** `index.html` or `assets/<name>`; null: there is none, or it was not built. */
  readonly file: (path: string) => Promise<ConsoleFile | null>;
  /** A session for a while, which ends with the key. Raises `console_sign_in_refused`. */
  signIn(key: string): Promise<{ readonly session: string; readonly operator: Operator }>;
  signOut(session: string): Promise<void>;
  /** What was signed in with; null: the session is over. It may be an operator's no more. */
  bearerOf(session: string): Promise<string | null>;
  /** Slugs. */
  tenants(operator: Operator): Promise<readonly string[]>;
  /**
   * News of one tenant until `signal`; without `tenant`, of what waits for
   * people of any tenant, and of what is stopped for everybody. Raises
   * `not_found`, `rate_limited`.
   */
  follow(
    operator: Operator,
    request: { readonly tenant?: string },
    signal: AbortSignal,
  ): Promise<AsyncGenerator<ConsoleNews>>;
}
