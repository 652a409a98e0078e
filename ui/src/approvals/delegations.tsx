import { useState, type FormEvent, type ReactNode } from 'react';
import { ask } from '../api/client.ts';
import type { Delegation, Me, Problem } from '../api/types.ts';
import { TextField } from '../parts/field.tsx';
import { ProblemNotice } from '../parts/notice.tsx';
import { useAct } from '../parts/use-act.ts';
import { may } from '../pure/may.ts';

/** Whose place somebody takes at that moment. */
export const placesTaken = (held: readonly Delegation[], name: string, now: Date): readonly string[] =>
  held
    .filter(({ to, since, until }) => isSame(to, name) && new Date(since) <= now && new Date(until) > now)
    .map(({ from }) => from);

const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** Who decides in whose place, until when; giving one's own place, and ending that. */
export function Delegations(props: {
  readonly me: Me;
  readonly held: readonly Delegation[];
  readonly problem: Problem | null;
  readonly now: Date;
  readonly onDone: () => void;
}): ReactNode {
  const { me, held, problem, now, onDone } = props;
  return (
    <details className="delegations">
      <summary>Who decides in whose place ({held.length})</summary>
      <ProblemNotice problem={problem} />
      {held.length === 0 ? <p className="soft">Everybody decides for themselves.</p> : null}
      <ul>
        {held.map((each) => (
          <li key={each.id}>
            <strong>{each.to}</strong> for <strong>{each.from}</strong>
            {new Date(each.since) > now ? ` from ${new Date(each.since).toLocaleString('en-GB')}` : ''} until{' '}
            {new Date(each.until).toLocaleString('en-GB')}, given by {each.given_by}{' '}
            {mayEnd(me, each) ? <End id={each.id} to={each.to} onDone={onDone} /> : null}
          </li>
        ))}
      </ul>
      {may(me.role, 'delegate') && me.person ? <Give me={me} onDone={onDone} /> : null}
    </details>
  );
}

/** Whoever gave their place away takes it back; an administrator ends any. */
const mayEnd = (me: Me, { from }: Delegation): boolean =>
  me.person && (may(me.role, 'delegateForOthers') || (may(me.role, 'delegate') && isSame(from, me.name)));

function End({ id, to, onDone }: { readonly id: number; readonly to: string; readonly onDone: () => void }): ReactNode {
  const { busy, problem, run } = useAct();
  const end = async (): Promise<void> => {
    if (await run(() => ask('DELETE', `/v1/delegations/${String(id)}`))) onDone();
  };
  return (
    <>
      <button
        type="button"
        className="plain"
        disabled={busy}
        aria-label={`End that of ${to}`}
        onClick={() => void end()}
      >
        End it
      </button>
      <ProblemNotice problem={problem} />
    </>
  );
}

function Give({ me, onDone }: { readonly me: Me; readonly onDone: () => void }): ReactNode {
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [until, setUntil] = useState('');
  const { busy, problem, run } = useAct();
  const give = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const body = {
      to: to.trim(),
      until: new Date(until).toISOString(),
      ...(from.trim() === '' ? {} : { from: from.trim() }),
    };
    if (!(await run(() => ask('POST', '/v1/delegations', body)))) return;
    setTo('');
    setFrom('');
    onDone();
  };
  return (
    <form onSubmit={(event) => void give(event)} className="grid" aria-label="Have somebody decide in your place">
      <TextField label="Who shall decide" value={to} onChange={setTo} required most={100} />
      {may(me.role, 'delegateForOthers') ? (
        <TextField label="In whose place (empty: yours)" value={from} onChange={setFrom} most={100} />
      ) : null}
      <TextField label="Until" type="datetime-local" value={until} onChange={setUntil} required />
      <ProblemNotice problem={problem} />
      <button type="submit" disabled={busy}>
        Give it
      </button>
    </form>
  );
}
