import { useMemo, useState, type FormEvent, type ReactNode } from 'react';
import { ask } from '../api/client.ts';
import type { ApprovalCase, Me } from '../api/types.ts';
import { ProblemNotice } from '../parts/notice.tsx';
import { useAct } from '../parts/use-act.ts';
import { useKeys } from '../parts/use-keys.ts';
import { may } from '../pure/may.ts';

type Side = 'yes' | 'no';

const words = {
  approval: { yes: { verdict: 'approve', text: 'Approve' }, no: { verdict: 'deny', text: 'Reject' } },
  review: { yes: { verdict: 'fine', text: 'It is fine' }, no: { verdict: 'object', text: 'It is not right' } },
} as const;

/** Two steps: which way, then the reason; a key pressed by mistake decides nothing. */
export function Decide({ me, whole }: { readonly me: Me; readonly whole: ApprovalCase }): ReactNode {
  const [side, setSide] = useState<Side | null>(null);
  /** Kept where it was refused, and where somebody looks once more before they decide. */
  const [reason, setReason] = useState('');
  const { busy, problem, run } = useAct();
  const keys = useMemo(() => ({ a: () => setSide('yes'), r: () => setSide('no') }), []);
  useKeys(keys);
  if (!may(me.role, 'decide')) return null;
  if (!me.person)
    return <p className="notice">A key that several people share decides nothing: sign in with your own.</p>;
  const { yes, no } = words[whole.kind];

  const decide = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    if (side === null) return;
    const why = reason.trim();
    const isDone = await run(() =>
      ask('POST', `/v1/approvals/${String(whole.id)}/decision`, {
        tenant: whole.tenant,
        verdict: words[whole.kind][side].verdict,
        seen: whole.seen,
        ...(why === '' ? {} : { reason: why }),
      }),
    );
    if (isDone) setSide(null);
  };
  return (
    <div className="decide">
      <ProblemNotice problem={problem} />
      {side === null ? (
        <p className="buttons">
          <button type="button" className="good" onClick={() => setSide('yes')}>
            {yes.text} <kbd>a</kbd>
          </button>
          <button type="button" className="danger" onClick={() => setSide('no')}>
            {no.text} <kbd>r</kbd>
          </button>
        </p>
      ) : (
        <form onSubmit={(event) => void decide(event)}>
          <label htmlFor="reason">{side === 'yes' ? 'Why (optional)' : 'Why not'}</label>
          <input
            id="reason"
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            maxLength={2_000}
            required={side === 'no'}
            autoFocus
          />
          <p className="buttons">
            <button type="submit" disabled={busy} className={side === 'yes' ? 'good' : 'danger'}>
              {side === 'yes' ? yes.text : no.text}
            </button>
            <button type="button" className="plain" onClick={() => setSide(null)}>
              Not yet
            </button>
          </p>
        </form>
      )}
    </div>
  );
}
