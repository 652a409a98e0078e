import type { ReactNode } from 'react';
import type { ApprovalLine } from '../api/types.ts';
import { moneyText, recordsText } from '../pure/money.ts';
import { hashOf } from '../pure/route.ts';
import { Countdown } from './countdown.tsx';

/** One that waits, or was decided, as a line that leads to it. */
export function Line(props: {
  /** Null: among those of all customers. */
  readonly place: string | null;
  readonly line: ApprovalLine;
  readonly now: Date;
  readonly isOpen: boolean;
}): ReactNode {
  const { place, line, now, isOpen } = props;
  const { id, tenant, title, amount, currency, records, agent, principal, asked_of: askedOf, state } = line;
  return (
    <a
      className="line"
      href={hashOf({ screen: 'approvals', tenant: place, open: { tenant, id } })}
      aria-current={isOpen ? 'true' : undefined}
    >
      <strong>{title}</strong>
      <span>
        {place === null ? `${tenant} · ` : ''}
        {moneyText(amount, currency)}, {recordsText(records)} · {agent}
        {principal === null ? '' : ` for ${principal}`}
      </span>
      <span>
        {line.decided_at === null ? (
          <Countdown line={line} now={now} />
        ) : (
          `${state}${line.decided_by === null ? '' : ` by ${line.decided_by}`}`
        )}
        {' · '}
        {isGlass(line) ? 'written without its approvals · ' : ''}
        {askedOf === null ? 'any approver' : askedOf.join(' or ')}
      </span>
    </a>
  );
}

/** A review of what was let go without its approvals. */
export const isGlass = ({ need }: ApprovalLine): boolean => need.startsWith('broken_glass');
