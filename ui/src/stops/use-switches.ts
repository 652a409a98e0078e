import { useState } from 'react';
import { queryOf } from '../api/client.ts';
import type { Problem, Switch } from '../api/types.ts';
import { useAsked } from '../parts/use-asked.ts';

export interface HeldSwitch {
  /** Null: of the whole installation. */
  readonly tenant: string | null;
  readonly held: Switch;
}

export interface KnownSwitches {
  /** The installation's first: they hold for every customer. */
  readonly open: readonly HeldSwitch[];
  /** Lifted ones of this place alone. */
  readonly past: readonly Switch[];
  readonly problem: Problem | null;
  /** Asks again. */
  readonly renew: () => void;
}

/** What is stopped for a customer, or (`tenant` null) for everybody. */
export function useSwitches(tenant: string | null, version: number): KnownSwitches {
  const [done, setDone] = useState(0);
  const path = (of: string | null): string => `/v1/switches${queryOf(of === null ? {} : { tenant: of })}`;
  const general = useAsked<{ switches: readonly Switch[] }>(path(null), version + done);
  const own = useAsked<{ switches: readonly Switch[] }>(tenant === null ? null : path(tenant), version + done);
  const allOf = (of: string | null): readonly Switch[] => (of === null ? general : own).answer?.switches ?? [];
  const isOpen = ({ state }: Switch): boolean => state !== 'lifted';
  const openOf = (of: string | null): HeldSwitch[] =>
    allOf(of)
      .filter(isOpen)
      .map((held) => ({ tenant: of, held }));
  return {
    open: [...openOf(null), ...(tenant === null ? [] : openOf(tenant))],
    past: allOf(tenant).filter((each) => !isOpen(each)),
    problem: general.problem ?? own.problem,
    renew: () => setDone((count) => count + 1),
  };
}
