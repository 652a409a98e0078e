import { limits } from '../kernel/index.ts';
import type { RateLimit, RateLimits } from '../connectors/index.ts';
import type { WindowRule } from './window.ts';

/** What an integration or a tenant sets below the provider's own limit, by the limit's name. */
export type ConfiguredLimits = ReadonlyMap<
  string,
  { readonly calls: number | null; /** Share, 0 to 1. */ readonly reserve: number | null }
>;

/** A connection's limits: those that count every call, and those that count some. */
export interface AccountRules {
  /** At least one. */
  readonly common: readonly WindowRule[];
  readonly named: ReadonlyMap<string, WindowRule>;
  /** The common one that the provider's readings are of. */
  readonly read: string | null;
  readonly concurrent: number | null;
}

/** Stands for "no limit that anybody knows": refusals and use are kept under it all the same. */
export const UNBOUNDED = 1_000_000_000;

const unknownLimit: RateLimit = {
  name: 'calls',
  windowMs: 60_000,
  calls: UNBOUNDED,
  callsMax: UNBOUNDED,
  reserve: 0,
  common: true,
  read: false,
};

export function rulesFor(provider: RateLimits | undefined, configured: ConfiguredLimits): AccountRules {
  const windows = provider?.windows ?? [];
  const all = windows.some(({ common }) => common) ? windows : [unknownLimit, ...windows];
  const ruleOf = ({ name, windowMs, calls, callsMax, reserve }: RateLimit): WindowRule => {
    const own = configured.get(name);
    return {
      name,
      windowMs,
      calls: Math.min(own?.calls ?? calls, callsMax),
      capped: typeof own?.calls === 'number',
      reserve: own?.reserve ?? reserve ?? limits.budgetReserveShare,
    };
  };
  return {
    common: all.filter(({ common }) => common).map(ruleOf),
    named: new Map(all.filter(({ common }) => !common).map((window) => [window.name, ruleOf(window)])),
    read: all.find(({ read }) => read)?.name ?? null,
    concurrent: provider?.concurrent ?? null,
  };
}
