import type { ReactNode } from 'react';
import type { ApprovalLine } from '../api/types.ts';
import { timeLeft } from '../pure/time.ts';

/** How long there is to decide. */
export function Countdown({ line, now }: { readonly line: ApprovalLine; readonly now: Date }): ReactNode {
  const { text, urgency } = timeLeft({ asked: new Date(line.asked_at), due: new Date(line.due_at), now });
  return <span className={`left ${urgency}`}>{text}</span>;
}
