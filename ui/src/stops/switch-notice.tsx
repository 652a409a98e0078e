import { useState, type FormEvent, type ReactNode } from 'react';
import { ask } from '../api/client.ts';
import type { Me, Switch } from '../api/types.ts';
import { ProblemNotice } from '../parts/notice.tsx';
import { TextField } from '../parts/field.tsx';
import { useAct } from '../parts/use-act.ts';
import { may } from '../pure/may.ts';
import { figuresText } from '../pure/stop.ts';

/** Something that is stopped: what, by whom or what, why, and letting it go on, which takes two people. */
export function SwitchNotice(props: {
  readonly me: Me;
  /** Null: of the whole installation. */
  readonly tenant: string | null;
  readonly held: Switch;
  readonly onDone: () => void;
}): ReactNode {
  const { me, tenant, held, onDone } = props;
  const figures = figuresText(held.figures);
  return (
    <div className="notice bad">
      <strong>Stopped: {held.text}</strong> ({held.mode.replaceAll('_', ' ')}) by {held.thrown_by},{' '}
      {new Date(held.thrown_at).toLocaleString('en-GB')}: “{held.reason}”
      {held.trigger === null ? null : (
        <p>
          Gantry stopped it by itself, as the project’s trigger <strong>{held.trigger}</strong> says
          {figures === null ? '' : `: ${figures}`}.
        </p>
      )}
      {held.lift_asked_by === null ? '' : ` ${held.lift_asked_by} asks to let it go on; somebody else has to agree.`}
      {may(me.role, 'operate') ? <Lift me={me} tenant={tenant} held={held} onDone={onDone} /> : null}
    </div>
  );
}

function Lift({
  me,
  tenant,
  held,
  onDone,
}: {
  readonly me: Me;
  readonly tenant: string | null;
  readonly held: Switch;
  readonly onDone: () => void;
}): ReactNode {
  const [reason, setReason] = useState('');
  const { busy, problem, run } = useAct();
  if (!me.person) return <p>Letting it go on takes two people, each with a key of their own.</p>;
  const lift = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const body = { ...(tenant === null ? {} : { tenant }), reason: reason.trim() };
    if (!(await run(() => ask('POST', `/v1/switches/${String(held.id)}/lift`, body)))) return;
    setReason('');
    onDone();
  };
  return (
    <form onSubmit={(event) => void lift(event)} className="field">
      <TextField label="Why it may go on" value={reason} onChange={setReason} required most={400} />
      <button type="submit" className="plain" disabled={busy}>
        {held.lift_asked_by === null ? 'Ask to let it go on' : 'Let it go on'}
      </button>
      <ProblemNotice problem={problem} />
    </form>
  );
}
