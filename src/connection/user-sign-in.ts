import { GantryError } from '../kernel/index.ts';
import {
  findConnection,
  listCredentials,
  nameCredentialUser,
  removeCredential,
  type ConnectionRow,
  type CredentialSummary,
} from '../store/index.ts';
import type { TenantId } from '../kernel/index.ts';
import type { ProviderAccess } from '../connectors/index.ts';
import { identityOf, refuseOtherAccount, refuseOtherIntegration } from './account-check.ts';
import type { CredentialSignIn } from './connect-with-credentials.ts';
import { checkedValues, credentialMethod } from './credential-values.ts';
import type { ConnectionDeps } from './deps.ts';
import { providerAccess, type AccessRequest } from './provider-access.ts';
import { createTokenStore, credentialKey } from './token-store.ts';

export interface UserSignIn extends Omit<CredentialSignIn, 'onKeep'> {
  /** Whom agents act for, as the product names them (`ada@acme.com`). */
  readonly principal: string;
}

export interface SignedInUser {
  readonly principal: string;
  /** Who that is at the provider. */
  readonly userName: string;
}

/**
 * Keeps a user's own sign-in beside the connection's: calls for that user then
 * see what the provider shows them. The connection must be there, and the
 * account the same. Raises what `connectWithCredentials` raises, and `not_found`.
 */
export async function signInUser(deps: ConnectionDeps, request: UserSignIn): Promise<SignedInUser> {
  const { tenant, slug, integration, connector, app } = request;
  const principal = checkedPrincipal(request.principal);
  const method = credentialMethod(connector, request.method);
  const values = checkedValues(method, request.values, request.trustedOrigin);
  const before = await deps.db.tenantRead(tenant, (tx) => findConnection(tx, tenant, slug));
  refuseOtherIntegration(connected(before, slug), integration);
  const tokens = await method.signIn(app, values);
  const account = await identityOf(connector, tokens);
  await deps.db.tenantTx(
    tenant,
    async (tx) => {
      const row = connected(await findConnection(tx, tenant, slug), slug);
      refuseOtherAccount(row, account);
      const key = { tenant, connection: row.id, principal };
      const signIn = { loginUrl: app?.loginUrl ?? '', entered: { method: method.name, values } };
      await createTokenStore(deps.vault).save(tx, key, tokens, signIn);
      await nameCredentialUser(tx, key, account.userName);
    },
    'connection.keep_user_sign_in',
  );
  return { principal, userName: account.userName };
}

/** A session's way to the provider as this user; null: the user has not signed in here. */
export async function userAccess(
  deps: ConnectionDeps,
  request: Omit<AccessRequest, 'principal'>,
  principal: string,
): Promise<ProviderAccess | null> {
  const key = { tenant: request.tenant, connection: request.connection, principal };
  const stored = await deps.db.tenantRead(request.tenant, (tx) => createTokenStore(deps.vault).read(tx, key));
  return stored === null ? null : providerAccess(deps, { ...request, principal });
}

/** Users' own sign-ins on a connection. */
export async function listUserSignIns(
  { db }: Pick<ConnectionDeps, 'db'>,
  tenant: TenantId,
  slug: string,
): Promise<readonly CredentialSummary[]> {
  return db.tenantRead(tenant, async (tx) => {
    const { id } = connected(await findConnection(tx, tenant, slug), slug);
    return (await listCredentials(tx, tenant)).filter((row) => row.connection === id && row.principal !== '');
  });
}

/** Forgets a user's own sign-in; what it was is destroyed with it. */
export async function signOutUser(
  { db }: Pick<ConnectionDeps, 'db'>,
  request: { readonly tenant: TenantId; readonly slug: string; readonly principal: string },
): Promise<void> {
  const { tenant, slug } = request;
  const principal = checkedPrincipal(request.principal);
  await db.tenantTx(
    tenant,
    async (tx) => {
      const { id } = connected(await findConnection(tx, tenant, slug), slug);
      await removeCredential(tx, credentialKey({ tenant, connection: id, principal }));
    },
    'connection.forget_user_sign_in',
  );
}

function connected(row: ConnectionRow | null, slug: string): ConnectionRow {
  if (row !== null && row.accountId !== null) return row;
  throw new GantryError('not_found', {
    message: `There is no connection "${slug.slice(0, 80)}" that somebody has signed in to.`,
    where: 'connection',
    fix: 'Connect the account first; users sign in beside it.',
  });
}

/** The empty one is the connection itself. */
function checkedPrincipal(text: string): string {
  if (/^[^\p{Cc}\p{Cs}\s]{1,200}$/u.test(text)) return text;
  throw new GantryError('bad_request', {
    message: 'A user is named by up to 200 signs without blanks.',
    where: 'user',
  });
}
