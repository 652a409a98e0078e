import { useState, type FormEvent, type ReactNode } from 'react';
import { ask } from '../api/client.ts';
import { TextField } from '../parts/field.tsx';
import { ProblemNotice } from '../parts/notice.tsx';
import { useAct } from '../parts/use-act.ts';
import { wordsFor } from '../pure/states.ts';

const texts = {
  applied: { button: 'It stands there', told: 'You have looked, and what was to be written stands in the system.' },
  not_applied: {
    button: 'It does not, and shall not',
    told: 'You have looked: nothing stands there, and nothing will.',
  },
  send_again: {
    button: 'Send it again',
    told: 'You are sure that nothing stands there. It goes behind everything that was accepted since.',
  },
} as const;

type Word = keyof typeof texts;

/** A person's word on a write of which nobody can tell, or that failed: chosen first, and said second. */
export function Settle(props: {
  readonly tenant: string;
  readonly plan: string;
  readonly item: number;
  readonly state: string;
  /** The write makes something, a record or a field, whose id is not known: without it nobody can say that it stands there. */
  readonly isNew: boolean;
  readonly onDone: () => void;
}): ReactNode {
  const { tenant, plan, item, state, isNew, onDone } = props;
  const [word, setWord] = useState<Word | null>(null);
  const [reason, setReason] = useState('');
  const [record, setRecord] = useState('');
  const { busy, problem, run } = useAct();
  const words = wordsFor(state);
  if (words.length === 0) return null;
  const say = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    if (word === null) return;
    const body = {
      word,
      ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
      ...(word === 'applied' && record.trim() !== '' ? { record: record.trim() } : {}),
    };
    const path = `/v1/tenants/${encodeURIComponent(tenant)}/write-plans/${encodeURIComponent(plan)}`;
    if (!(await run(() => ask('POST', `${path}/writes/${String(item)}/settle`, body)))) return;
    setWord(null);
    onDone();
  };
  if (word === null) {
    return (
      <p className="buttons">
        {words.map((each) => (
          <button key={each} type="button" className="plain" onClick={() => setWord(each)}>
            {texts[each].button}
          </button>
        ))}
      </p>
    );
  }
  return (
    <form onSubmit={(event) => void say(event)} className="grid" aria-label={texts[word].button}>
      <p>{texts[word].told}</p>
      {word === 'applied' && isNew ? (
        <TextField
          label="Id of the new record there (of a new field, its name)"
          value={record}
          onChange={setRecord}
          required
        />
      ) : null}
      <TextField label="How you know (optional)" value={reason} onChange={setReason} most={400} />
      <ProblemNotice problem={problem} />
      <p className="buttons">
        <button type="submit" disabled={busy}>
          {texts[word].button}
        </button>
        <button type="button" className="plain" onClick={() => setWord(null)}>
          Not yet
        </button>
      </p>
    </form>
  );
}
