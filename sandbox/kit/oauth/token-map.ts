import type { Grant } from './types.ts';

export interface TokenEntry {
  readonly grant: Grant;
  expiresAt: number;
}

/** Tokens of one sort, findable by themselves, by grant and by user. */
export interface TokenMap {
  get(token: string): TokenEntry | undefined;
  add(token: string, entry: TokenEntry): void;
  remove(token: string): boolean;
  endGrant(grantId: string): void;
  /** Entries of a user by username, or all. */
  ofUser(username: string | undefined): readonly TokenEntry[];
}

export function createTokenMap(): TokenMap {
  const entries = new Map<string, TokenEntry>();
  return {
    get: (token) => entries.get(token),
    add: (token, entry) => {
      entries.set(token, entry);
    },
    remove: (token) => entries.delete(token),
    endGrant: (grantId) => {
      for (const [token, entry] of entries) if (entry.grant.id === grantId) entries.delete(token);
    },
    ofUser: (username) =>
      [...entries.values()].filter((entry) => username === undefined || entry.grant.user.username === username),
  };
}
