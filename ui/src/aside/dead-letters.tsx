import { useState, type FormEvent, type ReactNode } from 'react';
import { ask, queryOf } from '../api/client.ts';
import type { DeadLetter } from '../api/types.ts';
import { TextField } from '../parts/field.tsx';
import { ProblemNotice } from '../parts/notice.tsx';
import { useAct } from '../parts/use-act.ts';
import { useAsked } from '../parts/use-asked.ts';

/** Records and pages that could not be read or kept. */
export function DeadLetters({ tenant, version }: { readonly tenant: string; readonly version: number }): ReactNode {
  const [done, setDone] = useState(0);
  const path = `/v1/dead-letters${queryOf({ tenant })}`;
  const { answer, problem } = useAsked<{ dead_letters: readonly DeadLetter[] }>(path, version + done);
  const all = answer?.dead_letters ?? [];
  return (
    <section aria-label="Reading">
      <h2>What could not be read</h2>
      <ProblemNotice problem={problem} />
      {answer !== null && all.length === 0 ? <p className="soft">Everything was read.</p> : null}
      {all.map((each) => (
        <article key={each.letter} className="card">
          <h3>
            {each.connection}/{each.object} {each.name} <span className="state">{each.state.replaceAll('_', ' ')}</span>
          </h3>
          <p>
            {each.problem} <small>{each.code}</small>
          </p>
          <p>
            {each.who_can_fix === null ? '' : `Mended by ${each.who_can_fix.replaceAll('_', ' ')}: `}
            {each.fix}
          </p>
          <p className="soft">
            Tried {each.tries} times, last {new Date(each.last_at).toLocaleString('en-GB')}
          </p>
          <LetterActs tenant={tenant} letter={each.letter} onDone={() => setDone((count) => count + 1)} />
        </article>
      ))}
    </section>
  );
}

function LetterActs({
  tenant,
  letter,
  onDone,
}: {
  readonly tenant: string;
  readonly letter: number;
  readonly onDone: () => void;
}): ReactNode {
  const [note, setNote] = useState('');
  const { busy, problem, run } = useAct();
  const replay = async (): Promise<void> => {
    if (await run(() => ask('POST', '/v1/dead-letters/replay', { tenant, letter }))) onDone();
  };
  const drop = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const path = `/v1/dead-letters/${String(letter)}${queryOf({ tenant, note: note.trim() })}`;
    if (await run(() => ask('DELETE', path))) onDone();
  };
  return (
    <>
      <p className="buttons">
        <button type="button" className="plain" disabled={busy} onClick={() => void replay()}>
          Read it again
        </button>
      </p>
      <details>
        <summary>Drop it…</summary>
        <form onSubmit={(event) => void drop(event)} className="field">
          <TextField label="Why it is not wanted" value={note} onChange={setNote} required most={400} />
          <button type="submit" className="danger" disabled={busy}>
            Drop it
          </button>
        </form>
      </details>
      <ProblemNotice problem={problem} />
    </>
  );
}
