import { GantryError, suggest, type TenantId } from '../../kernel/index.ts';
import { addApiKey, addTenant, type Db } from '../../store/index.ts';
import { requireTenant } from '../connections/connection-use-cases.ts';
import type { Revisions } from '../project/revisions.ts';
import { agentKeyId, keepKeyChange, newAgentKey, type KeyDeps } from './agent-keys.ts';

const SLUG = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Raises `bad_request` for a name that cannot be a slug, `store_name_taken` for one in use. */
export async function createTenant(db: Db, slug: string): Promise<TenantId> {
  if (!SLUG.test(slug)) {
    throw new GantryError('bad_request', {
      message: `"${slug.slice(0, 80)}" cannot name a tenant.`,
      where: 'tenant',
      fix: 'Use up to 63 lower-case letters, digits and hyphens, for example acme-gmbh.',
    });
  }
  return db.tx((tx) => addTenant(tx, { slug, at: tx.now }), 'app.add_tenant');
}

export interface NewKey {
  readonly tenant: string;
  readonly agent: string;
  readonly label: string;
  /** Null: until it is revoked. */
  readonly expiresInDays: number | null;
}

const DAY_MS = 86_400_000;

/** A bearer key for an agent at a tenant, to be shown once: only its hash is kept. */
export async function createAgentKey(
  deps: KeyDeps & { readonly revisions: Revisions },
  request: NewKey,
): Promise<string> {
  const tenant = await requireTenant(deps.db, request.tenant);
  const agents = (await deps.revisions.current())?.manifest.agents;
  if (agents?.has(request.agent) !== true) {
    throw new GantryError('not_found', {
      message: `The applied project has no agent "${request.agent}".`,
      where: 'agent',
      suggestions: suggest(request.agent, agents?.keys() ?? []),
      fix: 'Declare the agent in gantry.yaml and apply the project.',
    });
  }
  const key = newAgentKey(deps.random);
  await deps.db.tx(async (tx) => {
    await addApiKey(tx, {
      key,
      tenant,
      agent: request.agent,
      label: request.label,
      at: tx.now,
      ...(request.expiresInDays === null
        ? {}
        : { expiresAt: new Date(tx.now.getTime() + request.expiresInDays * DAY_MS) }),
    });
    const { random, by = null } = deps;
    await keepKeyChange(tx, tenant, { random, by, agent: request.agent, id: agentKeyId(key), done: 'made' });
  }, 'app.add_key');
  return key;
}
