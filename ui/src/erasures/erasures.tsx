import { useState, type ReactNode } from 'react';
import type { Erasure, Me } from '../api/types.ts';
import { NeedsRole } from '../parts/needs-role.tsx';
import { ProblemNotice } from '../parts/notice.tsx';
import { useAsked } from '../parts/use-asked.ts';
import { useNow } from '../parts/use-now.ts';
import { erasureText, stepsDone, erasureSteps } from '../pure/erase.ts';
import { may } from '../pure/may.ts';
import { hashOf } from '../pure/route.ts';
import { EraseForm } from './erase-form.tsx';
import { ErasureView } from './erasure-view.tsx';

const LOOK_MS = 2_000;

/** Erasing what is known of a person: beginning it, how far it is, and its proof. */
export function Erasures({
  me,
  tenant,
  open,
}: {
  readonly me: Me;
  readonly tenant: string;
  readonly open: number | null;
}): ReactNode {
  const [begun, setBegun] = useState(0);
  // Nothing tells of its steps: it is asked again while one is under way.
  const ticks = Math.floor(useNow(LOOK_MS).getTime() / LOOK_MS);
  const [isBusy, setBusy] = useState(true);
  const path = may(me.role, 'erase') ? `/v1/tenants/${encodeURIComponent(tenant)}/erasures` : null;
  const { answer, problem } = useAsked<{ erasures: readonly Erasure[] }>(path, isBusy ? ticks + begun : begun);
  if (path === null) return <NeedsRole what="erase" why="Erasing cannot be taken back;" />;
  const all = answer?.erasures ?? [];
  const busyNow = answer === null || all.some(({ state }) => stepsDone(state) < erasureSteps.length);
  if (busyNow !== isBusy) setBusy(busyNow);
  const shown = all.find(({ erasure }) => erasure === open);
  return (
    <section aria-label="Erasure" className="erasures">
      <h1>Erasing a person</h1>
      <ProblemNotice problem={problem} />
      {shown === undefined ? null : <ErasureView tenant={tenant} erasure={shown} />}
      <section className="card" aria-label="Erase a person">
        <h2>Erase a person</h2>
        <EraseForm
          key={tenant}
          tenant={tenant}
          onBegun={(erasure) => {
            setBegun((count) => count + 1);
            setBusy(true);
            location.hash = hashOf({ screen: 'erasures', tenant, open: erasure });
          }}
        />
      </section>
      <h2>What was erased</h2>
      {answer !== null && all.length === 0 ? <p className="soft">Nobody was.</p> : null}
      <ul className="lines">
        {all.map((each) => (
          <li key={each.erasure}>
            <a
              className="line"
              href={hashOf({ screen: 'erasures', tenant, open: each.erasure })}
              aria-current={each.erasure === open ? 'true' : undefined}
            >
              <strong>
                {each.erasure}: {erasureText(each.state)}
              </strong>
              <span>
                asked by {each.asked_by}, {new Date(each.asked_at).toLocaleString('en-GB')}
                {each.note === null ? '' : ` · ${each.note}`}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
