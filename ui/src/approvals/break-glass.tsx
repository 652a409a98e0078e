import { useState, type FormEvent, type ReactNode } from 'react';
import { ask } from '../api/client.ts';
import type { ApprovalCase } from '../api/types.ts';
import { TextField } from '../parts/field.tsx';
import { ProblemNotice } from '../parts/notice.tsx';
import { useAct } from '../parts/use-act.ts';

/** Lets a plan go without the approvals that it needs: folded away, with a reason, and told what follows. */
export function BreakGlass({ whole }: { readonly whole: ApprovalCase }): ReactNode {
  const [reason, setReason] = useState('');
  const { busy, problem, run } = useAct();
  const { tenant, plan, seen } = whole;
  const breakIt = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    void run(() => ask('POST', '/v1/broken-glass', { tenant, plan, seen, reason: reason.trim() }));
  };
  return (
    <details className="glass">
      <summary>Break the glass…</summary>
      <p>
        It is written without anybody’s approval. That stands in the audit with your name and reason, and somebody else
        has to review it within 24 hours.
      </p>
      <form onSubmit={breakIt} className="field" aria-label="Break the glass">
        <TextField label="Why it cannot wait" value={reason} onChange={setReason} required most={2_000} />
        <button type="submit" className="danger" disabled={busy}>
          Write it without approval
        </button>
        <ProblemNotice problem={problem} />
      </form>
    </details>
  );
}
