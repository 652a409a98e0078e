import { createHash } from 'node:crypto';
import { GantryError, limits, type Clock, type TenantId } from '../kernel/index.ts';
import { beatLensNode, claimLens, lensHolders, removeLensNode, type Db, type LensNode } from '../store/index.ts';

/** Which process answers for a tenant: one at a time, by a lease in PostgreSQL. */
export interface Owners {
  /** False: this process holds no lens files; it can only ask others. */
  readonly mayHold: boolean;
  /** Null: this process does. It has claimed the tenant then. */
  of(tenant: TenantId): Promise<LensNode | null>;
  /** As `of`, for a question that another process sent here: answers it if anybody may. Raises `lens_elsewhere`. */
  take(tenant: TenantId): Promise<void>;
  /** Whether this process has claimed the tenant and still gives signs of life; asks nobody. */
  holds(tenant: TenantId): boolean;
  /** Somebody turned out not to answer: look again. */
  forget(tenant: TenantId): void;
  close(): Promise<void>;
}

/** One process alone with its files: the embedded database, and commands. */
export const soleOwner: Owners = {
  mayHold: true,
  of: async () => null,
  take: async () => undefined,
  holds: () => true,
  forget: () => undefined,
  close: async () => undefined,
};

export interface OwnerParts {
  readonly db: Db;
  readonly clock: Clock;
  /** Null: this process holds nothing. Its address is known once its door is open. */
  readonly node: (Pick<LensNode, 'id' | 'role'> & { readonly url: Promise<string> }) | null;
  /** Told of each tenant that this process held and holds no longer. */
  readonly onLost: (tenant: TenantId) => void;
  /** Told when a sign of life could not be given. */
  readonly onSilent: (error: unknown) => void;
}

interface Known {
  readonly node: LensNode;
  readonly atMs: number;
}

/**
 * A lease is good as long as its holder gives signs of life, so holding
 * thousands of tenants costs one row written every few seconds. Whoever could
 * not give one in time knows it by its own monotonic clock, and holds nothing
 * until it has asked again.
 */
export function createOwners({ db, clock, node, onLost, onSilent }: OwnerParts): Owners {
  const held = new Set<TenantId>();
  const others = new Map<TenantId, Known>();
  const stop = new AbortController();
  let aliveUntilMs = 0;

  function lose(tenant: TenantId): void {
    held.delete(tenant);
    onLost(tenant);
  }

  async function beat(): Promise<void> {
    if (node === null) throw nobody();
    const { id, role } = node;
    const url = await node.url;
    const sentMs = clock.monotonicMs();
    await beatLensNode(db, { id, role, url }, limits.lensNodeTtlMs);
    // Others may have taken everything while nothing was heard from here.
    if (sentMs > aliveUntilMs) for (const tenant of held) lose(tenant);
    aliveUntilMs = sentMs + limits.lensNodeTtlMs - limits.lensNodeMarginMs;
  }

  async function beatOn(url: Promise<string>): Promise<void> {
    await Promise.race([url, aborted(stop.signal)]);
    if (!stop.signal.aborted) await beat().catch(onSilent);
    while (!stop.signal.aborted) {
      await clock.sleep(limits.lensNodeBeatMs, stop.signal).catch(() => undefined);
      if (!stop.signal.aborted) await beat().catch(onSilent);
    }
  }

  const holds = (tenant: TenantId): boolean => held.has(tenant) && clock.monotonicMs() < aliveUntilMs;

  /** Claims without a sign of life would be worth nothing. */
  async function claim(tenant: TenantId): Promise<boolean> {
    if (node === null) return false;
    const { id } = node;
    if (clock.monotonicMs() >= aliveUntilMs) await beat();
    const claimed = await db.tenantTx(tenant, (tx) => claimLens(tx, tenant, id), 'lens.claim');
    if (claimed) {
      held.add(tenant);
      others.delete(tenant);
    }
    return claimed;
  }

  async function look(tenant: TenantId): Promise<LensNode | null> {
    const { holder, live } = await db.tenantRead(tenant, (tx) => lensHolders(tx, tenant));
    const chosen = holder ?? candidate(live, tenant);
    if (chosen === null && node === null) throw nobody();
    if (chosen === null || chosen.id === node?.id) return (await claim(tenant)) ? null : look(tenant);
    if (held.has(tenant)) lose(tenant);
    others.set(tenant, { node: chosen, atMs: clock.monotonicMs() });
    return chosen;
  }

  const beating = node === null ? Promise.resolve() : beatOn(node.url);
  return {
    mayHold: node !== null,
    async of(tenant) {
      if (holds(tenant)) return null;
      const known = others.get(tenant);
      if (known !== undefined && clock.monotonicMs() - known.atMs < limits.lensNodeTtlMs) return known.node;
      return look(tenant);
    },
    async take(tenant) {
      if (holds(tenant) || (await claim(tenant))) return;
      throw new GantryError('lens_elsewhere', { message: 'Another process answers for this tenant.' });
    },
    holds,
    forget(tenant) {
      others.delete(tenant);
    },
    async close() {
      stop.abort();
      await beating;
      if (node !== null) await removeLensNode(db, node.id).catch(onSilent);
    },
  };
}

const nobody = (): GantryError =>
  new GantryError('lens_owner_silent', {
    message: 'No process that may hold the local copy of this tenant is running.',
  });

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

/**
 * Who should take a tenant that nobody has: processes of role `lens` where there
 * are any; among equals always the same one for the same tenant (rendezvous
 * hashing), so that nobody has to ask and a new process takes over few.
 */
export function candidate(live: readonly LensNode[], tenant: TenantId): LensNode | null {
  const fit = live.some((node) => node.role === 'lens') ? live.filter((node) => node.role === 'lens') : live;
  const weighed = fit.map((node) => ({ node, weight: weight(node, tenant) }));
  return weighed.toSorted((a, b) => (a.weight < b.weight ? 1 : -1)).at(0)?.node ?? null;
}

const weight = (node: LensNode, tenant: TenantId): string =>
  createHash('sha256')
    .update(`${node.id} ${String(tenant)}`)
    .digest('hex');
