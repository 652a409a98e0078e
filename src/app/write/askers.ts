import { GantryError, type Clock } from '../../kernel/index.ts';
import type { CallerContext } from '../../mcp/index.ts';
import { pathsAsked, policyVersionOf } from '../../policy/index.ts';
import type { Asker } from '../../write/index.ts';
import type { Catalogues } from '../project/catalogues.ts';
import type { TenantManifests } from '../project/tenant-manifests.ts';
import { manifestOf } from './manifest-of.ts';
import { rulesNow } from './plan-rules.ts';
import { createWritersOf } from './writers-of.ts';

/** Callers as planning needs to know them. */
export type AskerOf = (context: CallerContext) => Promise<Asker>;

export function createAskers(deps: {
  readonly manifests: TenantManifests;
  readonly catalogues: Catalogues;
  readonly clock: Clock;
  /** Whether the agent, for that user, was shown free text of others a while ago. */
  readonly readUntrusted: (context: CallerContext) => boolean;
}): AskerOf {
  const { manifests, catalogues, clock, readUntrusted } = deps;
  const writersOf = createWritersOf();
  return async (context) => {
    const { caller, scope } = context;
    const { tenant } = caller;
    const { manifest } = await manifestOf(manifests, tenant);
    const agent = manifest.agents.get(caller.agent);
    if (agent === undefined) throw new GantryError('unauthenticated', { message: 'The agent is no longer declared.' });
    const streams = await catalogues.streamsOf(tenant);
    const rules = rulesNow(manifest, caller.agent, clock);
    return {
      caller,
      scope,
      manifest,
      agent,
      streams,
      writers: writersOf(manifest, streams),
      policyVersion: policyVersionOf(rules),
      pathsAsked: pathsAsked(rules),
      readUntrusted: readUntrusted(context),
    };
  };
}
