/** What is agreed to with a code, besides what the token store keeps. */
export interface Consent {
  readonly offline: boolean;
  /** The person was asked again although it had agreed before. */
  readonly prompted: boolean;
}

/** Which people let the app act while they are away, and what their codes stand for. */
export interface Consents {
  agree(code: string, consent: Consent): void;
  ofCode(code: string): Consent | null;
  isOffline(username: string): boolean;
  remember(username: string, refreshToken: string): void;
  /** Whose refresh token this is. */
  ownerOf(refreshToken: string): string | null;
  forget(username: string | undefined): void;
}

export function createConsents(): Consents {
  const codes = new Map<string, Consent>();
  let owners: ReadonlyMap<string, string> = new Map();
  return {
    agree: (code, consent) => {
      codes.set(code, consent);
    },
    ofCode: (code) => codes.get(code) ?? null,
    isOffline: (username) => [...owners.values()].includes(username),
    remember: (username, refreshToken) => {
      owners = new Map([...owners, [refreshToken, username]]);
    },
    ownerOf: (refreshToken) => owners.get(refreshToken) ?? null,
    forget: (username) => {
      owners = new Map([...owners].filter(([, owner]) => username !== undefined && owner !== username));
    },
  };
}
