import type { Operator, OperatorUseCases } from '../../api/index.ts';
import { appendOfInstallation, auditAppender, changeEntry } from '../../audit/index.ts';
import { nameKey } from '../../approvals/index.ts';
import { roleIn } from '../../identity/index.ts';
import {
  GantryError,
  limits,
  looksLikeToken,
  suggest,
  type Clock,
  type JsonObject,
  type Random,
} from '../../kernel/index.ts';
import {
  addOperator,
  cutOperatorTokens,
  findOperator,
  findOperatorCutoff,
  noteOperatorToken,
  listOperators,
  removeOperator,
  type Db,
  type OperatorRow,
  type OperatorTokenRow,
  type Tx,
} from '../../store/index.ts';
import { createRecentlyUsed } from '../recently-used.ts';
import { createMoments } from '../callers/moments.ts';
import type { TokenLookup } from '../callers/token-lookup.ts';
import { sameKey } from '../connections/same-key.ts';
import type { IdentityLogEvent } from './events.ts';
import { endSessionsOf } from './operator-sessions.ts';

export interface OperatorDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly tokens: TokenLookup;
  /** Whether an agent holds what this OAuth client is given. */
  readonly isAgentClient: (clientId: string) => Promise<boolean>;
  /** The one of the installation (`GANTRY_OPERATOR_KEY`): an admin without a name. Null: there is none. */
  readonly operatorKey: string | null;
}

export interface OperatorLookup {
  /** Null: no operator. */
  find(bearer: string): Promise<Operator | null>;
  forgetAll(): void;
}

/** Operators come with the installation's key, a key of their own, or a token of an identity provider that names a role. */
export function createOperatorLookup({ db, clock, tokens, isAgentClient, operatorKey }: OperatorDeps): OperatorLookup {
  const moments = createMoments<Operator>(clock, limits.keysKnownMax);
  // One request asks twice, before anything is read and where its address asks: a flood of wrong keys pays once.
  const refused = createMoments<true>(clock, REFUSED_MAX);
  const byKey = (bearer: string): Promise<Operator | null> =>
    moments.get(bearer, async () => {
      const row = await findOperator(db, bearer);
      const role = row === null ? null : roleIn(row.role);
      return row === null || role === null ? null : { name: row.name, role };
    });
  const standing = createMoments<true>(clock, limits.tokensKnownMax);
  const noted = createRecentlyUsed<string, true>(limits.tokensKnownMax);
  /** What an identity provider says of somebody now decides whether what they approved may be carried out. */
  const note = async (token: OperatorTokenRow): Promise<void> => {
    const { name, issuer, role, issuedAt } = token;
    const id = JSON.stringify([name, issuer, role, issuedAt.getTime()]);
    if (noted.get(id) === true) return;
    await db.tx((tx) => noteOperatorToken(tx, token), 'app.note_operator_token');
    noted.set(id, true);
  };
  const byToken = async (bearer: string): Promise<Operator | null> => {
    const says = await tokens.find(bearer);
    if (says === null || says.principal === null) return null;
    // What a person lets an agent have makes no operator of the agent, and says nothing of the person's role.
    if (says.clientId !== null && (await isAgentClient(says.clientId))) return null;
    const role = roleIn(says.role ?? '');
    const { principal: name, issuer, issuedAt } = says;
    await note({ name: nameKey(name), issuer, role, issuedAt });
    if (role === null) return null;
    const stands = await standing.get(JSON.stringify([name, issuedAt.getTime()]), async () => {
      const before = await findOperatorCutoff(db, nameKey(name));
      // Tokens tell whole seconds: one of the same second counts as before.
      return before === null || issuedAt.getTime() > before.getTime() ? true : null;
    });
    return stands === null ? null : { name, role, token: { issuer, issuedAt: issuedAt.toISOString() } };
  };
  return {
    async find(bearer) {
      if (operatorKey !== null && sameKey(bearer, operatorKey)) return { name: 'operator' };
      if (looksLikeToken(bearer)) return byToken(bearer);
      if (!bearer.startsWith(PREFIX)) return null;
      let found: Operator | null = null;
      const isRefused = await refused.get(bearer, async () => {
        found = await byKey(bearer);
        return found === null ? true : null;
      });
      return isRefused === true ? null : found;
    },
    forgetAll: () => {
      moments.forgetAll();
      refused.forgetAll();
      standing.forgetAll();
    },
  };
}

const PREFIX = 'gto_';
/** Wrong keys that are remembered for a moment. */
const REFUSED_MAX = 100;
const DAY_MS = 86_400_000;

export function createOperatorUseCases(deps: {
  readonly db: Db;
  readonly random: Random;
  readonly onEvent: (event: IdentityLogEvent) => void;
}): OperatorUseCases {
  const { db, random, onEvent } = deps;
  const append = auditAppender(random);
  const told = (tx: Tx, by: string, what: string, after: JsonObject) =>
    appendOfInstallation(tx, append, [changeEntry({ by, what, after })]);
  return {
    list: async () => (await listOperators(db)).map(shown),
    add: async (operator, { name, role, expiresInDays }) => {
      const key = `${PREFIX}${Buffer.from(random.bytes(32)).toString('base64url')}`;
      const expiresAt = await db.tx(async (tx) => {
        const ends = expiresInDays === null ? null : new Date(tx.now.getTime() + expiresInDays * DAY_MS);
        await addOperator(tx, { name, role, key, by: operator.name, expiresAt: ends });
        const after = { role, expires_at: ends?.toISOString() ?? null };
        await told(tx, operator.name, `the key of operator ${name}: made`, after);
        return ends;
      }, 'app.add_operator');
      onEvent({ kind: 'identity_changed', change: { what: 'operator', name, role }, by: operator.name });
      return { name, role, key, expires_at: expiresAt?.toISOString() ?? null };
    },
    signOut: async (operator, { name }) => {
      await db.tx(async (tx) => {
        await cutOperatorTokens(tx, { name, by: operator.name });
        await endSessionsOf(tx, name);
        await told(tx, operator.name, `the sign-ins of operator ${name}: ended`, {});
      }, 'app.sign_out_operator');
      onEvent({ kind: 'identity_changed', change: { what: 'operator_signed_out', name }, by: operator.name });
      return { name, state: 'signed_out' };
    },
    remove: async (operator, { name }) => {
      const isRemoved = await db.tx(async (tx) => {
        if (!(await removeOperator(tx, name))) return false;
        await told(tx, operator.name, `the key of operator ${name}: taken back`, {});
        return true;
      }, 'app.remove_operator');
      if (isRemoved) {
        onEvent({ kind: 'identity_changed', change: { what: 'operator', name, role: null }, by: operator.name });
        return { name, state: 'removed' };
      }
      const names = (await listOperators(db)).map((row) => row.name);
      throw new GantryError('not_found', {
        message: `There is no operator "${name.slice(0, 80)}".`,
        where: 'name',
        suggestions: suggest(name, names),
        fix: 'Name one as `gantry operators list` does.',
      });
    },
  };
}

function shown({ name, role, createdAt, createdBy, expiresAt }: OperatorRow): JsonObject {
  return {
    name,
    role,
    created_at: createdAt.toISOString(),
    created_by: createdBy,
    expires_at: expiresAt?.toISOString() ?? null,
  };
}
