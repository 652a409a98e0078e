import { limits } from '../kernel/index.ts';
import type { AgentDeclaration } from '../manifest/index.ts';
import type { Catalogue } from '../mapping/index.ts';
import { callerFor, type CallerInput } from './caller-for.ts';
import type { Caller } from './types.ts';

/** Callers as they were made, since all questions of a turn ask for the same one. */
export interface CallerCache {
  /** As callerFor; how new a user's rights are is always that of the ones given. */
  get(input: CallerInput): Caller;
}

/** Those that were asked for last, of all tenants together. */
export function createCallerCache(max: number = limits.callersKnownMax): CallerCache {
  const known = new WeakMap<Catalogue, WeakMap<AgentDeclaration, Map<string, Caller>>>();
  // In order of use: where each caller is kept.
  const places = new Map<Caller, { readonly of: Map<string, Caller>; readonly key: string }>();

  function forget(caller: Caller): void {
    const place = places.get(caller);
    places.delete(caller);
    place?.of.delete(place.key);
  }

  return {
    get(input) {
      const { agent, catalogue, rights = null } = input;
      const agents = known.get(catalogue) ?? new WeakMap<AgentDeclaration, Map<string, Caller>>();
      known.set(catalogue, agents);
      const callers = agents.get(agent) ?? new Map<string, Caller>();
      agents.set(agent, callers);
      // Not by the version alone: nobody promises that two users' rights are numbered apart.
      const key = rights === null ? '' : JSON.stringify([rights.principal, rights.version]);
      const before = callers.get(key);
      const caller = before ?? callerFor(input);
      callers.set(key, caller);
      places.delete(caller);
      places.set(caller, { of: callers, key });
      for (const oldest of places.keys()) {
        if (places.size <= max) break;
        forget(oldest);
      }
      return caller.principal === rights ? caller : { ...caller, principal: rights };
    },
  };
}
