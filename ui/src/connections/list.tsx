import type { ReactNode } from 'react';
import { useState } from 'react';
import { ask, problemOf, queryOf } from '../api/client.ts';
import type { Connection, Me, Problem, SyncObject } from '../api/types.ts';
import { ProblemNotice } from '../parts/notice.tsx';
import { useAsked } from '../parts/use-asked.ts';
import { useNow } from '../parts/use-now.ts';
import { may } from '../pure/may.ts';
import { agoText } from '../pure/time.ts';
import { hashOf } from '../pure/route.ts';
import { SwitchNotice } from '../stops/switch-notice.tsx';
import { useSwitches } from '../stops/use-switches.ts';

/** The systems of a customer: whether each works, how far its objects are, and who mends what does not. */
export function ConnectionList({
  me,
  tenant,
  version,
}: {
  readonly me: Me;
  readonly tenant: string;
  readonly version: number;
}): ReactNode {
  const [done, setDone] = useState(0);
  const [refused, setRefused] = useState<Problem | null>(null);
  const { answer, problem } = useAsked<{ connections: readonly Connection[] }>(
    `/v1/connections${queryOf({ tenant })}`,
    version + done,
  );
  const stopped = useSwitches(tenant, version);
  const connections = answer?.connections ?? [];
  const act = async (connection: string, what: 'sync' | 'pause' | 'resume'): Promise<void> => {
    try {
      await ask('POST', `/v1/connections/${encodeURIComponent(connection)}/${what}`, { tenant });
      setRefused(null);
    } catch (thrown) {
      setRefused(problemOf(thrown));
    }
    setDone((count) => count + 1);
  };
  return (
    <section className="connections" aria-label="Connections">
      <h1>Connections</h1>
      <ProblemNotice problem={problem ?? refused ?? stopped.problem} />
      {stopped.open.map(({ tenant: of, held }) => (
        <SwitchNotice key={`${of ?? '*'}/${String(held.id)}`} me={me} tenant={of} held={held} onDone={stopped.renew} />
      ))}
      {may(me.role, 'operate') ? (
        <p>
          <a href={hashOf({ screen: 'stops', tenant })}>Stop something</a>
        </p>
      ) : null}
      {answer !== null && connections.length === 0 ? <p className="soft">Nothing is connected yet.</p> : null}
      {connections.map((each) => (
        <article key={each.connection} className="card">
          <Head connection={each} />
          {may(me.role, 'operate') ? (
            <p className="buttons">
              <button type="button" className="plain" onClick={() => void act(each.connection, 'sync')}>
                Read now
              </button>
              {each.state === 'paused' ? (
                <button type="button" className="plain" onClick={() => void act(each.connection, 'resume')}>
                  Go on
                </button>
              ) : (
                <button type="button" className="plain" onClick={() => void act(each.connection, 'pause')}>
                  Pause
                </button>
              )}
            </p>
          ) : null}
          <Objects connection={each} />
        </article>
      ))}
    </section>
  );
}

function Head({ connection }: { readonly connection: Connection }): ReactNode {
  const {
    title,
    connection: slug,
    system,
    account,
    health,
    what,
    problem,
    who_can_fix: who,
    fix,
    next_try: next,
  } = connection;
  return (
    <>
      <h2>
        {title} <small>{slug}</small> <span className={`state ${health}`}>{health.replaceAll('_', ' ')}</span>
      </h2>
      <p className="soft">
        {system}
        {account === null ? '' : ` · ${account}`}
      </p>
      <p>{what}</p>
      {problem === null ? null : <p className="notice bad">{problem}</p>}
      {who === null ? null : (
        <p>
          Mended by <strong>{who.replaceAll('_', ' ')}</strong>
          {fix === null ? '' : `: ${fix}`}
        </p>
      )}
      {next === null ? null : <p className="soft">Looked at next: {new Date(next).toLocaleTimeString('en-GB')}</p>}
    </>
  );
}

function Objects({ connection }: { readonly connection: Connection }): ReactNode {
  const now = useNow(10_000);
  return (
    <table className="objects">
      <caption>What is read of {connection.title}</caption>
      <thead>
        <tr>
          <th scope="col">Object</th>
          <th scope="col">State</th>
          <th scope="col">Records</th>
          <th scope="col">As of</th>
        </tr>
      </thead>
      <tbody>
        {connection.objects.map((object) => (
          <tr key={object.object}>
            <th scope="row">{object.object}</th>
            <td>
              {object.what ?? object.backfill}
              {typeof object.who_can_fix === 'string' ? (
                <>
                  {' '}
                  Mended by <strong>{object.who_can_fix.replaceAll('_', ' ')}</strong>
                  {typeof object.fix === 'string' ? `: ${object.fix}` : ''}
                </>
              ) : null}
            </td>
            <td>
              <Progress object={object} />
            </td>
            <td>{object.as_of === null ? 'not yet' : agoText(new Date(object.as_of), now)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Progress({ object }: { readonly object: SyncObject }): ReactNode {
  const { records, expected, backfill } = object;
  const count = records.toLocaleString('en-GB');
  if (backfill === 'complete' || expected === null || expected === 0) return count;
  return (
    <>
      <progress value={Math.min(records, expected)} max={expected} aria-label={`${object.object} loaded`} /> {count} of{' '}
      {expected.toLocaleString('en-GB')}
    </>
  );
}
