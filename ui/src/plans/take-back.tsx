import { useState, type FormEvent, type ReactNode } from 'react';
import { ask } from '../api/client.ts';
import type { PlanStepStatus } from '../api/types.ts';
import { TextField } from '../parts/field.tsx';
import { Lines, ProblemNotice } from '../parts/notice.tsx';
import { useAct } from '../parts/use-act.ts';
import { takeBackStateText } from '../pure/states.ts';

const texts = {
  again: {
    button: 'Compare once more',
    told: 'It is looked once more what stands there, and taken back as far as it can be.',
  },
  leave: { button: 'Leave it', told: 'What stands there of this step stays. The steps before it are taken back.' },
  leave_all: { button: 'Leave everything', told: 'What stands there stays, of this step and of those before it.' },
} as const;

type Word = keyof typeof texts;
const words: readonly Word[] = ['again', 'leave', 'leave_all'];

/** How far taking back a step is, what stands there still, and a person's word on that. */
export function TakeBack(props: {
  readonly tenant: string;
  readonly plan: string;
  readonly step: number;
  readonly held: NonNullable<PlanStepStatus['take_back']>;
  readonly onDone: () => void;
}): ReactNode {
  const { held } = props;
  return (
    <div>
      <span className={`state ${held.state}`}>{takeBackStateText(held.state)}</span>
      <Lines title="What stands there still" lines={(held.remains ?? []).map(({ why }) => why)} />
      {held.state === 'needs_human' ? <Say {...props} /> : null}
    </div>
  );
}

function Say({ tenant, plan, step, onDone }: Omit<Parameters<typeof TakeBack>[0], 'held'>): ReactNode {
  const [word, setWord] = useState<Word | null>(null);
  const [reason, setReason] = useState('');
  const { busy, problem, run } = useAct();
  const say = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    if (word === null) return;
    const path = `/v1/tenants/${encodeURIComponent(tenant)}/write-plans/${encodeURIComponent(plan)}`;
    const body = { word, ...(reason.trim() === '' ? {} : { reason: reason.trim() }) };
    if (!(await run(() => ask('POST', `${path}/steps/${String(step)}/take-back`, body)))) return;
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
      <TextField label="Why (optional)" value={reason} onChange={setReason} most={400} />
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
