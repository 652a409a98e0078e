import type { ConnectionId, TenantId } from '../kernel/index.ts';
import type { AccessContext, TokenSet } from '../connectors/index.ts';
import { lockCredential, readCredential, saveCredential, type CredentialRow, type Tx } from '../store/index.ts';
import type { Vault } from '../vault/index.ts';

/** How a connection was signed in, as renewing it needs to know. */
export interface SignInFacts {
  /** Where this customer signs in: the tokens are refreshed there. */
  readonly loginUrl: string;
  /** What an administrator entered; null after a sign-in in a browser. */
  readonly entered: { readonly method: string; readonly values: Readonly<Record<string, string>> } | null;
}

/** A connection's tokens as they lie in the vault. */
export interface StoredTokens extends SignInFacts {
  readonly accessToken: string;
  readonly refreshToken: string | null;
  readonly apiUrl: string;
  readonly context: AccessContext | null;
  readonly generation: number;
  readonly expiresAt: Date | null;
}

type Sealed = Omit<StoredTokens, 'generation' | 'expiresAt'>;
type Later = 'context' | 'entered';

export interface TokenKey {
  readonly tenant: TenantId;
  readonly connection: ConnectionId;
}

/** Sealed tokens of connections: who reads them, and who may replace them. */
export interface TokenStore {
  read(tx: Tx, key: TokenKey): Promise<StoredTokens | null>;
  /** Also keeps every other process from refreshing until the transaction ends. */
  lock(tx: Tx, key: TokenKey): Promise<StoredTokens | null>;
  /** Returns what was saved, with its new generation. */
  save(tx: Tx, key: TokenKey, tokens: TokenSet, signIn: SignInFacts): Promise<StoredTokens>;
}

/** The connection's own credential, as against those of single users. */
const ORG = '';

export function createTokenStore(vault: Vault): TokenStore {
  const unseal = async (tx: Tx, key: TokenKey, row: CredentialRow | null): Promise<StoredTokens | null> => {
    if (row === null) return null;
    const text = await vault.open(tx, key.tenant, contextOf(key), row.sealed);
    // Tokens that an earlier version sealed lack what it did not know.
    const secrets = JSON.parse(text) as Omit<Sealed, Later> & Partial<Pick<Sealed, Later>>;
    return { context: null, entered: null, ...secrets, generation: row.generation, expiresAt: row.expiresAt };
  };
  return {
    read: async (tx, key) => unseal(tx, key, await readCredential(tx, { ...key, principal: ORG })),
    lock: async (tx, key) => unseal(tx, key, await lockCredential(tx, { ...key, principal: ORG })),
    save: async (tx, key, tokens, { loginUrl, entered }) => {
      const { accessToken, refreshToken, apiUrl, expiresInS, context = null } = tokens;
      const secrets: Sealed = { accessToken, refreshToken, apiUrl, context, loginUrl, entered };
      const sealed = await vault.seal(tx, key.tenant, contextOf(key), JSON.stringify(secrets));
      // The database's time: several processes compare against it.
      const expiresAt = expiresInS === null ? null : new Date(tx.now.getTime() + expiresInS * 1_000);
      const generation = await saveCredential(tx, { ...key, principal: ORG }, { sealed, expiresAt });
      return { ...secrets, generation, expiresAt };
    },
  };
}

const contextOf = (key: TokenKey): { connection: ConnectionId; purpose: string } => ({
  connection: key.connection,
  purpose: 'tokens',
});
