import type { ReactNode } from 'react';
import type { Me, Switch } from '../api/types.ts';
import { ProblemNotice } from '../parts/notice.tsx';
import { may } from '../pure/may.ts';
import { StopForm } from './stop-form.tsx';
import { SwitchNotice } from './switch-notice.tsx';
import { useSwitches } from './use-switches.ts';

/** What is stopped, stopping, and letting it go on. */
export function Stops({
  me,
  tenant,
  version,
}: {
  readonly me: Me;
  readonly tenant: string | null;
  readonly version: number;
}): ReactNode {
  const { open, past, problem, renew } = useSwitches(tenant, version);
  return (
    <section aria-label="Stops" className="stops">
      <h1>Stops</h1>
      <ProblemNotice problem={problem} />
      {open.length === 0 ? <p className="soft">Nothing is stopped{tenant === null ? ' for everybody' : ''}.</p> : null}
      {open.map(({ tenant: of, held }) => (
        <SwitchNotice key={`${of ?? '*'}/${String(held.id)}`} me={me} tenant={of} held={held} onDone={renew} />
      ))}
      {may(me.role, 'operate') ? (
        <section className="card" aria-label="Stop something">
          <h2>Stop something</h2>
          <StopForm key={tenant ?? '*'} tenant={tenant} onDone={renew} />
        </section>
      ) : null}
      <Past past={past} />
    </section>
  );
}

function Past({ past }: { readonly past: readonly Switch[] }): ReactNode {
  if (past.length === 0) return null;
  return (
    <details>
      <summary>What was stopped before ({past.length})</summary>
      <ul>
        {past.map((each) => (
          <li key={each.id}>
            {each.text} ({each.mode.replaceAll('_', ' ')}), {new Date(each.thrown_at).toLocaleString('en-GB')} by{' '}
            {each.trigger === null ? each.thrown_by : `the trigger ${each.trigger}`}: “{each.reason}”. Lifted by{' '}
            {each.lift_asked_by} and {each.lifted_by}
            {each.lifted_at === null ? '' : `, ${new Date(each.lifted_at).toLocaleString('en-GB')}`}.
          </li>
        ))}
      </ul>
    </details>
  );
}
