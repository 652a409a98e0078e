import { useMemo, useState, type ReactNode } from 'react';
import { queryOf } from '../api/client.ts';
import type { ApprovalLine, Me } from '../api/types.ts';
import { ProblemNotice } from '../parts/notice.tsx';
import { useAsked } from '../parts/use-asked.ts';
import { moveFocus, useKeys } from '../parts/use-keys.ts';
import { useNow } from '../parts/use-now.ts';
import { moneyText, recordsText } from '../pure/money.ts';
import { hashOf } from '../pure/route.ts';
import { Case } from './case.tsx';
import { Countdown } from './countdown.tsx';

/** What waits for people: approvals first, then what was written and is looked at afterwards. */
export function Inbox(props: {
  readonly me: Me;
  readonly tenant: string;
  readonly open: number | null;
  readonly version: number;
}): ReactNode {
  const { me, tenant, open, version } = props;
  const [decided, setDecided] = useState(false);
  const path = `/v1/approvals${queryOf({ tenant, decided: String(decided) })}`;
  const { answer, problem } = useAsked<{ approvals: readonly ApprovalLine[] }>(path, version);
  const now = useNow(1_000);
  const keys = useMemo(
    () => ({
      j: () => moveFocus('.inbox a.line', 1),
      k: () => moveFocus('.inbox a.line', -1),
      u: () => (location.hash = hashOf({ screen: 'approvals', tenant, open: null })),
    }),
    [tenant],
  );
  useKeys(keys);
  const lines = answer?.approvals ?? [];
  const groups = [
    {
      title: 'Waiting for a decision',
      lines: lines.filter((line) => line.kind === 'approval' && line.decided_at === null),
    },
    {
      title: 'To look at afterwards',
      lines: lines.filter((line) => line.kind === 'review' && line.decided_at === null),
    },
    { title: 'Decided', lines: lines.filter((line) => line.decided_at !== null) },
  ];
  return (
    <div className={open === null ? 'split' : 'split opened'}>
      <section className="inbox" aria-label="Approvals">
        <h1>Approvals</h1>
        <ProblemNotice problem={problem} />
        {answer !== null && lines.length === 0 ? <p className="soft">Nothing waits for a decision.</p> : null}
        {groups.map((group) =>
          group.lines.length === 0 ? null : (
            <section key={group.title}>
              <h2>{group.title}</h2>
              <ul className="lines">
                {group.lines.map((line) => (
                  <li key={line.id}>
                    <Line line={line} now={now} isOpen={line.id === open} />
                  </li>
                ))}
              </ul>
            </section>
          ),
        )}
        <label className="check">
          <input type="checkbox" checked={decided} onChange={(event) => setDecided(event.target.checked)} /> Also what
          is decided
        </label>
      </section>
      <section className="detail" aria-label="What it is about" aria-live="polite">
        {open === null ? (
          <p className="soft">
            Choose one. <kbd>j</kbd> and <kbd>k</kbd> move, <kbd>Enter</kbd> opens.
          </p>
        ) : null}
        {open === null ? null : (
          <Case
            key={open}
            me={me}
            tenant={tenant}
            id={open}
            line={lines.find(({ id }) => id === open)}
            version={version}
          />
        )}
      </section>
    </div>
  );
}

function Line({
  line,
  now,
  isOpen,
}: {
  readonly line: ApprovalLine;
  readonly now: Date;
  readonly isOpen: boolean;
}): ReactNode {
  const { id, tenant, title, amount, currency, records, agent, principal, asked_of: askedOf, state } = line;
  return (
    <a
      className="line"
      href={hashOf({ screen: 'approvals', tenant, open: id })}
      aria-current={isOpen ? 'true' : undefined}
    >
      <strong>{title}</strong>
      <span>
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
        {askedOf === null ? 'any approver' : askedOf.join(' or ')}
      </span>
    </a>
  );
}
