import type { ReactNode } from 'react';
import type { Plan } from '../api/types.ts';
import { writeStateText } from '../pure/states.ts';
import { Settle } from './settle.tsx';

/** What became of single writes; where some went wrong, those. */
export function WriteList({
  tenant,
  plan,
  onDone,
}: {
  readonly tenant: string;
  readonly plan: Plan;
  readonly onDone: () => void;
}): ReactNode {
  const writes = plan.writes ?? [];
  if (writes.length === 0 || plan.status === 'prepared') return null;
  const shown = new Map(plan.changes.map((change) => [change.item, change]));
  return (
    <section aria-label="Writes">
      <h2>What became of {writes.length < plan.records ? 'those that need a look' : 'each write'}</h2>
      <ul className="writes">
        {writes.map((write) => (
          <li key={write.item}>
            <strong>
              {shown.get(write.item)?.label ?? shown.get(write.item)?.ref ?? `Write ${String(write.item)}`}
            </strong>{' '}
            <span className={`state ${write.state}`}>{writeStateText(write.state)}</span> {write.why}
            <Settle
              tenant={tenant}
              plan={plan.plan_id}
              item={write.item}
              state={write.state}
              isNew={write.record === null}
              onDone={onDone}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}
