import type { LocalUserUseCases, SignInLinkUseCases } from '../../api/index.ts';
import { changeEntry, type AppendAudit, type AuditEntry } from '../../audit/index.ts';
import { hashPassword } from '../../identity/index.ts';
import { GantryError, isJsonObject, limits, suggest, type Random } from '../../kernel/index.ts';
import {
  addSignInLink,
  cutTokens,
  findOauthItem,
  listLocalUsers,
  removeLocalUser,
  removeOauthAccount,
  setLocalUser,
  withinTenant,
  type Db,
  type TokenCutoff,
} from '../../store/index.ts';
import { requireTenant } from '../connections/connection-use-cases.ts';
import { accountIdOf } from './accounts.ts';
import type { IdentityLogEvent } from './events.ts';

export interface SignInDeps {
  readonly db: Db;
  readonly random: Random;
  readonly publicUrl: string;
  readonly append: AppendAudit;
  readonly onEvent: (event: IdentityLogEvent) => void;
}

/** How the product's users come in, and how all that is open in their name is ended. */
export function createSignInLinks(deps: SignInDeps): SignInLinkUseCases {
  const { db, random, publicUrl, append, onEvent } = deps;
  return {
    create: async (operator, request) => {
      const tenant = await requireTenant(db, request.tenant);
      const token = Buffer.from(random.bytes(32)).toString('base64url');
      const client = request.signIn === null ? null : await clientThatWaits(db, request.signIn);
      const expiresAt = await db.tx(async (tx) => {
        const ends = new Date(tx.now.getTime() + limits.signInLinkS * 1_000);
        await addSignInLink(tx, { token, tenant, principal: request.principal, by: operator.name, expiresAt: ends });
        await withinTenant(tx, tenant, () =>
          append(tx, tenant, [
            linkEntry({ tenant: request.tenant, principal: request.principal, by: operator.name, client }),
          ]),
        );
        return ends;
      }, 'app.add_sign_in_link');
      const to = request.signIn === null ? '' : `&to=${request.signIn}`;
      return { url: `${publicUrl}/oauth/sign-in/link?token=${token}${to}`, expiresAt };
    },
    signOut: async (operator, { principal, agent, ...request }) => {
      const tenant = await requireTenant(db, request.tenant);
      await endSignIns(deps, { tenant, principal, agent: agent ?? '', by: operator.name });
      onEvent({ kind: 'identity_changed', change: { what: 'signed_out', tenant: request.tenant }, by: operator.name });
      return { principal, agent, state: 'signed_out' };
    },
  };
}

/** Whoever opens the link is that user from then on: it is said who had it made. Not the link itself. */
const linkEntry = ({
  by,
  tenant,
  principal,
  client,
}: {
  readonly by: string;
  readonly tenant: string;
  readonly principal: string;
  readonly client: string | null;
}): AuditEntry => ({
  kind: 'sign_in_link_made',
  actor: { kind: 'operator', name: by },
  subject: { principal },
  reason: null,
  amount: null,
  detail: { tenant, client },
});

/** The program whose sign-in waits for the link; null: that sign-in is over. */
async function clientThatWaits(db: Db, signIn: string): Promise<string | null> {
  const params = (await findOauthItem(db, 'Interaction', signIn))?.payload['params'];
  const client = isJsonObject(params) ? params['client_id'] : null;
  return typeof client === 'string' ? client.slice(0, limits.labelCharsMax) : null;
}

export function createLocalUsers(deps: Omit<SignInDeps, 'publicUrl'>): LocalUserUseCases {
  const { db, random, append, onEvent } = deps;
  return {
    list: async (_, request) => {
      const tenant = await requireTenant(db, request.tenant);
      return (await db.tenantRead(tenant, (tx) => listLocalUsers(tx, tenant))).map((row) => ({
        name: row.name,
        created_at: row.createdAt.toISOString(),
        created_by: row.createdBy,
        locked_until: row.lockedUntil?.toISOString() ?? null,
      }));
    },
    set: async (operator, { name, password, ...request }) => {
      const tenant = await requireTenant(db, request.tenant);
      const made = password === null ? Buffer.from(random.bytes(15)).toString('base64url') : null;
      const hash = await hashPassword(made ?? password ?? '', random);
      await db.tenantTx(
        tenant,
        async (tx) => {
          await setLocalUser(tx, { tenant, name, password: hash, by: operator.name });
          await append(tx, tenant, [passwordEntry(operator.name, name, 'set')]);
        },
        'app.set_local_user',
      );
      return { tenant: request.tenant, name, ...(made === null ? {} : { password: made }) };
    },
    remove: async (operator, { name, ...request }) => {
      const tenant = await requireTenant(db, request.tenant);
      const removed = await db.tenantTx(
        tenant,
        async (tx) => {
          if (!(await removeLocalUser(tx, tenant, name))) return false;
          await append(tx, tenant, [passwordEntry(operator.name, name, 'removed')]);
          return true;
        },
        'app.remove_local_user',
      );
      if (!removed) {
        const names = (await db.tenantRead(tenant, (tx) => listLocalUsers(tx, tenant))).map((row) => row.name);
        throw new GantryError('not_found', {
          message: `Tenant ${request.tenant} has no user "${name.slice(0, 80)}" with a password.`,
          where: 'name',
          suggestions: suggest(name, names),
        });
      }
      // What is open in their name ends with them.
      await endSignIns(deps, { tenant, principal: name, agent: '', by: operator.name });
      onEvent({ kind: 'identity_changed', change: { what: 'signed_out', tenant: request.tenant }, by: operator.name });
      return { name, state: 'removed' };
    },
  };
}

/** Whoever sets a password can sign in as that user: it is said who did. Not the password, nor its hash. */
const passwordEntry = (by: string, name: string, done: 'set' | 'removed'): AuditEntry =>
  changeEntry({ by, what: `the password of user ${name}: ${done}`, principal: name });

/** Tokens are void, and what could get new ones is gone: sessions, consents, refresh tokens. */
async function endSignIns({ db, append }: Pick<SignInDeps, 'db' | 'append'>, cutoff: TokenCutoff): Promise<void> {
  const { tenant, principal, agent, by } = cutoff;
  const of = agent === '' ? `user ${principal}` : `user ${principal} for agent ${agent}`;
  await db.tx(async (tx) => {
    await cutTokens(tx, cutoff);
    await removeOauthAccount(tx, cutoff.tenant, accountIdOf(cutoff));
    await withinTenant(tx, tenant, () =>
      append(tx, tenant, [changeEntry({ by, what: `the sign-ins of ${of}: ended`, principal })]),
    );
  }, 'app.end_sign_ins');
}
