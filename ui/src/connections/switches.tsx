import { useState, type FormEvent, type ReactNode } from 'react';
import { ask, problemOf, queryOf } from '../api/client.ts';
import type { Me, Problem, Switch } from '../api/types.ts';
import { ProblemNotice } from '../parts/notice.tsx';
import { useAsked } from '../parts/use-asked.ts';
import { may } from '../pure/may.ts';

const modes = [
  ['stop_writes', 'Nothing is written'],
  ['drain', 'Nothing new is accepted; what was accepted is sent'],
  ['read_replica_only', 'Agents read what is here, and nothing else'],
  ['stop_all_upstream', 'No call at all goes out'],
] as const;

/** What is stopped, stopping, and letting it go on, which takes two people. */
export function Switches(props: {
  readonly me: Me;
  readonly tenant: string;
  readonly connections: readonly string[];
  readonly version: number;
}): ReactNode {
  const { me, tenant, connections, version } = props;
  const [done, setDone] = useState(0);
  const { answer, problem } = useAsked<{ switches: readonly Switch[] }>(
    `/v1/switches${queryOf({ tenant })}`,
    version + done,
  );
  const open = (answer?.switches ?? []).filter(({ state }) => state !== 'lifted');
  const onDone = (): void => setDone((count) => count + 1);
  return (
    <section aria-label="Stopped" className="switches">
      <ProblemNotice problem={problem} />
      {open.map((each) => (
        <div key={each.id} className="notice bad">
          <strong>Stopped: {each.text}</strong> ({each.mode.replaceAll('_', ' ')}) by {each.thrown_by},{' '}
          {new Date(each.thrown_at).toLocaleString('en-GB')}: “{each.reason}”
          {each.lift_asked_by === null
            ? ''
            : ` ${each.lift_asked_by} asks to let it go on; somebody else has to agree.`}
          {may(me.role, 'operate') ? <Lift tenant={tenant} id={each.id} onDone={onDone} /> : null}
        </div>
      ))}
      {may(me.role, 'operate') ? (
        <details>
          <summary>Stop something</summary>
          <Throw tenant={tenant} connections={connections} onDone={onDone} />
        </details>
      ) : null}
    </section>
  );
}

function Throw({
  tenant,
  connections,
  onDone,
}: {
  readonly tenant: string;
  readonly connections: readonly string[];
  readonly onDone: () => void;
}): ReactNode {
  const [problem, setProblem] = useState<Problem | null>(null);
  const stop = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const said = new FormData(form);
    const text = (name: string): string => {
      const value = said.get(name);
      return typeof value === 'string' ? value.trim() : '';
    };
    const [connection, agent] = [text('connection'), text('agent')];
    try {
      await ask('POST', '/v1/switches', {
        tenant,
        mode: text('mode'),
        reason: text('reason'),
        ...(connection === '' ? {} : { connection }),
        ...(agent === '' ? {} : { agent }),
      });
      setProblem(null);
      form.reset();
      onDone();
    } catch (thrown) {
      setProblem(problemOf(thrown));
    }
  };
  return (
    <form onSubmit={(event) => void stop(event)} className="grid">
      <ProblemNotice problem={problem} />
      <div>
        <label htmlFor="stop-mode">What stops</label>
        <select id="stop-mode" name="mode">
          {modes.map(([mode, text]) => (
            <option key={mode} value={mode}>
              {text}
            </option>
          ))}
        </select>
      </div>
      <div>
        <label htmlFor="stop-connection">Connection</label>
        <select id="stop-connection" name="connection">
          <option value="">all of {tenant}</option>
          {connections.map((slug) => (
            <option key={slug}>{slug}</option>
          ))}
        </select>
      </div>
      <div>
        <label htmlFor="stop-agent">or only this agent</label>
        <input id="stop-agent" name="agent" maxLength={100} autoComplete="off" />
      </div>
      <div>
        <label htmlFor="stop-why">Why</label>
        <input id="stop-why" name="reason" maxLength={400} required autoComplete="off" />
      </div>
      <button type="submit" className="danger">
        Stop it now
      </button>
    </form>
  );
}

function Lift({
  tenant,
  id,
  onDone,
}: {
  readonly tenant: string;
  readonly id: number;
  readonly onDone: () => void;
}): ReactNode {
  const [problem, setProblem] = useState<Problem | null>(null);
  const lift = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const reason = new FormData(event.currentTarget).get('reason');
    try {
      await ask('POST', `/v1/switches/${String(id)}/lift`, { tenant, reason });
      setProblem(null);
      onDone();
    } catch (thrown) {
      setProblem(problemOf(thrown));
    }
  };
  return (
    <form onSubmit={(event) => void lift(event)} className="field">
      <input name="reason" aria-label="Why it may go on" placeholder="Why it may go on" required maxLength={400} />
      <button type="submit" className="plain">
        Let it go on
      </button>
      <ProblemNotice problem={problem} />
    </form>
  );
}
