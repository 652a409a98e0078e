import type { ReactNode } from 'react';
import type { Me } from '../api/types.ts';
import { NeedsRole } from '../parts/needs-role.tsx';
import { may } from '../pure/may.ts';
import { DeadLetters } from './dead-letters.tsx';
import { DeadWrites } from './dead-writes.tsx';

/** What did not work out and waits for somebody: writes, and what could not be read. */
export function Aside(props: {
  readonly me: Me;
  readonly tenant: string;
  readonly writes: number;
  readonly reading: number;
}): ReactNode {
  const { me, tenant, writes, reading } = props;
  if (!may(me.role, 'operate')) return <NeedsRole what="operate" why="What was set aside shows customers’ values;" />;
  return (
    <section aria-label="Set aside" className="aside">
      <h1>Set aside</h1>
      <DeadWrites tenant={tenant} version={writes} />
      <DeadLetters tenant={tenant} version={reading} />
    </section>
  );
}
