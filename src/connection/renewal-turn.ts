import { GantryError, limits, type Clock } from '../kernel/index.ts';
import { holdRenewalTurn, sqlState, type CredentialKey, type Db } from '../store/index.ts';
import { createTurnstile, type Turnstile } from './turnstile.ts';

/** Per database: how many are in, and who waits, in this process. */
const turnstiles = new WeakMap<Db, Turnstile>();

function turnstileOf(db: Db): Turnstile {
  const known = turnstiles.get(db);
  if (known !== undefined) return known;
  // A turn at a server takes a connection of the pool; the work inside needs others of them.
  const made = createTurnstile(db.kind === 'postgres' ? limits.renewalsMax : Infinity);
  turnstiles.set(db, made);
  return made;
}

export interface TurnDeps {
  readonly db: Db;
  readonly clock: Clock;
  /** `limits.renewalWaitMs` by default. */
  readonly waitMs?: number;
}

/**
 * Runs `work` while nobody else, in whatever process, is in the same turn: one
 * credential at a time. `work` may take as long as a provider's login service
 * does; it uses the database in short transactions of its own. Its result must
 * be kept under the condition that nothing overtook it: the turn is lost when
 * the database goes away. Raises `sign_in_busy`.
 */
export async function inRenewalTurn<Result>(
  { db, clock, waitMs = limits.renewalWaitMs }: TurnDeps,
  key: CredentialKey,
  slug: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const leave = await turnstileOf(db).enter(turnName(key), { waitMs, clock });
  if (leave === null) throw busy(slug);
  try {
    // An embedded database belongs to one process: the turnstile is all there is to pass.
    return db.kind === 'pglite' ? await work() : await holding({ db, waitMs }, key, slug, work);
  } finally {
    leave();
  }
}

async function holding<Result>(
  at: HeldAt,
  key: CredentialKey,
  slug: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const turn = openTurn(at, key);
  try {
    await turn.taken;
  } catch (error) {
    throw sqlState(error) === LOCK_NOT_AVAILABLE ? busy(slug) : error;
  }
  try {
    return await work();
  } finally {
    await turn.leave();
  }
}

type HeldAt = Required<Pick<TurnDeps, 'db' | 'waitMs'>>;

const LOCK_NOT_AVAILABLE = '55P03';

/** A transaction that stays open, idle, until somebody leaves it: the work goes on outside of it. */
function openTurn(
  { db, waitMs }: HeldAt,
  key: CredentialKey,
): { readonly taken: Promise<void>; leave(): Promise<void> } {
  let onLeave: () => void = () => undefined;
  const left = new Promise<void>((resolve) => {
    onLeave = resolve;
  });
  let ended: Promise<void> = Promise.resolve();
  const taken = new Promise<void>((resolve, reject) => {
    ended = db
      .tenantTx(
        key.tenant,
        async (tx) => {
          await holdRenewalTurn(tx, key, { waitMs, holdMs: limits.renewalHoldMs });
          resolve();
          await left;
        },
        'connection.renewal_turn',
      )
      // Once taken, its end says nothing: what the work kept, it kept on a condition of its own.
      .catch(reject);
  });
  return {
    taken,
    leave: async () => {
      onLeave();
      await ended;
    },
  };
}

const turnName = ({ tenant, connection, principal }: CredentialKey): string =>
  JSON.stringify([tenant, connection, principal]);

function busy(slug: string): GantryError {
  return new GantryError('sign_in_busy', {
    message: `The sign-in of connection ${slug} is being renewed elsewhere and is not through yet.`,
    where: slug,
  });
}
