import type { ConnectionId, TenantId } from '../kernel/index.ts';
import type { AccessContext, TokenSet } from '../connectors/index.ts';
import {
  beginRenewal,
  endCredential,
  readCredential,
  replaceCredential,
  saveCredential,
  type CredentialKey,
  type CredentialRow,
  type CredentialValue,
  type Tx,
} from '../store/index.ts';
import type { SecretContext, Vault } from '../vault/index.ts';

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
  /** A renewal was begun then and its end never told: the process died, or the answer was lost. */
  readonly renewalBeganAt: Date | null;
  /** The provider no longer accepts it. */
  readonly endedAt: Date | null;
}

type Sealed = Omit<StoredTokens, keyof Stamps>;
type Stamps = Pick<StoredTokens, 'generation' | 'expiresAt' | 'renewalBeganAt' | 'endedAt'>;
type Later = 'context' | 'entered';

export interface TokenKey {
  readonly tenant: TenantId;
  readonly connection: ConnectionId;
  /** The user whose own sign-in it is; absent: the connection's. */
  readonly principal?: string;
}

/** Sealed tokens of connections and of single users: who reads them, and who may replace them. */
export interface TokenStore {
  read(tx: Tx, key: TokenKey): Promise<StoredTokens | null>;
  /** The same, and notes that the provider is about to be asked. Only in the credential's turn. */
  begin(tx: Tx, key: TokenKey): Promise<StoredTokens | null>;
  /** After a sign-in: whatever was there is replaced. Returns what was saved, with its new generation. */
  save(tx: Tx, key: TokenKey, tokens: TokenSet, signIn: SignInFacts): Promise<StoredTokens>;
  /** After a renewal of `before`: null, and nothing is kept, where somebody signed in anew or signed out meanwhile. */
  renew(tx: Tx, key: TokenKey, tokens: TokenSet, before: StoredTokens): Promise<StoredTokens | null>;
  /** The provider no longer accepts `generation`. False where another one is in its place: that one was not refused. */
  end(tx: Tx, key: TokenKey, generation: number): Promise<boolean>;
}

/** The connection's own credential, as against those of single users. */
const ORG = '';

export const credentialKey = ({ tenant, connection, principal = ORG }: TokenKey): CredentialKey => ({
  tenant,
  connection,
  principal,
});

export function createTokenStore(vault: Vault): TokenStore {
  const unseal = async (tx: Tx, key: TokenKey, row: CredentialRow | null): Promise<StoredTokens | null> => {
    if (row === null) return null;
    const text = await vault.open(tx, key.tenant, tokensContext(credentialKey(key)), row.sealed);
    // Tokens that an earlier version sealed lack what it did not know.
    const secrets = JSON.parse(text) as Omit<Sealed, Later> & Partial<Pick<Sealed, Later>>;
    const { generation, expiresAt, renewalBeganAt, endedAt } = row;
    return { context: null, entered: null, ...secrets, generation, expiresAt, renewalBeganAt, endedAt };
  };
  const seal = async (
    tx: Tx,
    key: TokenKey,
    tokens: TokenSet,
    { loginUrl, entered }: SignInFacts,
  ): Promise<{ secrets: Sealed; value: CredentialValue }> => {
    const { accessToken, refreshToken, apiUrl, expiresInS, context = null } = tokens;
    const secrets: Sealed = { accessToken, refreshToken, apiUrl, context, loginUrl, entered };
    const sealed = await vault.seal(tx, key.tenant, tokensContext(credentialKey(key)), JSON.stringify(secrets));
    // The database's time: several processes compare against it.
    const value = {
      sealed,
      expiresAt: after(tx, expiresInS),
      endsAt: endOf(tx, tokens, entered),
      renewable: tokens.refreshToken !== null,
    };
    return { secrets, value };
  };
  const kept = (secrets: Sealed, value: CredentialValue, generation: number): StoredTokens => ({
    ...secrets,
    generation,
    expiresAt: value.expiresAt,
    renewalBeganAt: null,
    endedAt: null,
  });
  return {
    read: async (tx, key) => unseal(tx, key, await readCredential(tx, credentialKey(key))),
    begin: async (tx, key) => unseal(tx, key, await beginRenewal(tx, credentialKey(key))),
    save: async (tx, key, tokens, signIn) => {
      const { secrets, value } = await seal(tx, key, tokens, signIn);
      return kept(secrets, value, await saveCredential(tx, credentialKey(key), value));
    },
    renew: async (tx, key, tokens, before) => {
      const { secrets, value } = await seal(tx, key, tokens, before);
      const generation = await replaceCredential(tx, credentialKey(key), before.generation, value);
      return generation === null ? null : kept(secrets, value, generation);
    },
    end: (tx, key, generation) => endCredential(tx, credentialKey(key), generation),
  };
}

const after = (tx: Tx, seconds: number | null): Date | null =>
  seconds === null ? null : new Date(tx.now.getTime() + seconds * 1_000);

/** By the refresh token's own life, or by the day that was entered with a key. */
function endOf(tx: Tx, tokens: TokenSet, entered: SignInFacts['entered']): Date | null {
  const day = entered?.values[EXPIRES_ON];
  if (day !== undefined && !Number.isNaN(Date.parse(day))) return new Date(day);
  return tokens.refreshToken === null ? null : after(tx, tokens.refreshExpiresInS ?? null);
}

/** The field of a way in by which an administrator says when a key ends: `2027-01-31`. */
export const EXPIRES_ON = 'expires_on';

/** Where a credential's secret belongs. A user's own opens for no other user. */
export const tokensContext = ({ connection, principal }: CredentialKey): SecretContext => ({
  connection,
  purpose: principal === ORG ? 'tokens' : `tokens of ${principal}`,
});
