import { useState, type ReactNode } from 'react';
import { queryOf } from '../api/client.ts';
import type { Checklist, Me } from '../api/types.ts';
import { NeedsRole } from '../parts/needs-role.tsx';
import { ProblemNotice } from '../parts/notice.tsx';
import { useAsked } from '../parts/use-asked.ts';
import { may } from '../pure/may.ts';

/** What has to hold before agents write in earnest, with what shows it. Systems are asked: it is looked at when somebody wants it. */
export function ChecklistScreen({ me, tenant }: { readonly me: Me; readonly tenant: string | null }): ReactNode {
  const [looked, setLooked] = useState(0);
  const mayLook = may(me.role, 'operate');
  const path = mayLook ? `/v1/checklist${queryOf(tenant === null ? {} : { tenant })}` : null;
  const { answer, problem } = useAsked<Checklist>(path, looked);
  if (!mayLook) return <NeedsRole what="operate" why="The checklist asks connected systems;" />;
  return (
    <section aria-label="Checklist" className="checklist">
      <h1>Before agents write in earnest</h1>
      <p className="buttons">
        <button type="button" className="plain" onClick={() => setLooked((count) => count + 1)}>
          Look again
        </button>
        <span role="status">
          {answer === null && problem === null ? 'Looking, also at the connected systems…' : ''}
        </span>
      </p>
      <ProblemNotice problem={problem} />
      {(answer?.tenants ?? []).map((of) => (
        <section key={of.tenant} className="card" aria-label={of.tenant}>
          <h2>
            {of.tenant}{' '}
            <span className={`state ${of.pass ? 'ok' : 'degraded'}`}>{of.pass ? 'ready' : 'not ready'}</span>
          </h2>
          <ul className="checks">
            {of.lines.map((line) => (
              <li key={line.id}>
                <strong>
                  <span className={`state ${line.pass ? 'ok' : 'degraded'}`}>{line.pass ? 'pass' : 'fail'}</span>{' '}
                  {line.title}
                </strong>
                <ul>
                  {line.evidence.map((text, at) => (
                    <li key={at}>{text}</li>
                  ))}
                </ul>
                {line.fix === '' ? null : <p>What helps: {line.fix}</p>}
              </li>
            ))}
          </ul>
        </section>
      ))}
      {answer?.tenants.length === 0 ? <p className="soft">There is no customer to look at.</p> : null}
    </section>
  );
}
