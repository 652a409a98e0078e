import { useMemo, useState, type ReactNode } from 'react';
import { queryOf } from '../api/client.ts';
import type { ApprovalLine, Delegation, Me } from '../api/types.ts';
import { ChoiceField, TextField } from '../parts/field.tsx';
import { ProblemNotice } from '../parts/notice.tsx';
import { useAsked } from '../parts/use-asked.ts';
import { moveFocus, useKeys } from '../parts/use-keys.ts';
import { useNow } from '../parts/use-now.ts';
import { approvalViews, isShown, viewTitles, type ApprovalFilter } from '../pure/approval-filter.ts';
import { hashOf, type OpenApproval } from '../pure/route.ts';
import { Case } from './case.tsx';
import { Delegations, placesTaken } from './delegations.tsx';
import { Line } from './line.tsx';

/** Of a list that is longer than this the end is not there. */
const LISTED = 500;

/** What waits for people, of one customer or of all: approvals first, then what was written and is looked at afterwards. */
export function Inbox(props: {
  readonly me: Me;
  /** Null: of all customers. */
  readonly tenant: string | null;
  readonly open: OpenApproval | null;
  readonly version: number;
}): ReactNode {
  const { me, tenant, open, version } = props;
  const [decided, setDecided] = useState(false);
  const [filter, setFilter] = useState<ApprovalFilter>({ view: 'all', words: '' });
  const path = `/v1/approvals${queryOf({ ...(tenant === null ? {} : { tenant }), decided: String(decided), limit: LISTED })}`;
  const { answer, problem } = useAsked<{ approvals: readonly ApprovalLine[] }>(path, version);
  const [given, setGiven] = useState(0);
  const delegations = useAsked<{ delegations: readonly Delegation[] }>('/v1/delegations', version + given);
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
  const held = delegations.answer?.delegations ?? [];
  const all = answer?.approvals ?? [];
  const who = { me, standsInFor: placesTaken(held, me.name, now), now };
  const lines = all.filter((line) => isShown(line, filter, who));
  return (
    <>
      <h1>Approvals{tenant === null ? ' of all customers' : ''}</h1>
      <div className={open === null ? 'split' : 'split opened'}>
        <section className="inbox" aria-label="Approvals">
          <ProblemNotice problem={problem} />
          <Filter filter={filter} onChange={setFilter} />
          <p className="soft" role="status">
            {answer === null ? '' : foundText(all, lines)}
          </p>
          <Groups place={tenant} lines={lines} open={open} now={now} />
          <label className="check">
            <input type="checkbox" checked={decided} onChange={(event) => setDecided(event.target.checked)} /> Also what
            is decided
          </label>
          <Delegations
            me={me}
            held={held}
            problem={delegations.problem}
            now={now}
            onDone={() => setGiven((count) => count + 1)}
          />
        </section>
        <section className="detail" aria-label="What it is about">
          {open === null ? (
            <p className="soft">
              Choose one. <kbd>j</kbd> and <kbd>k</kbd> move, <kbd>Enter</kbd> opens.
            </p>
          ) : (
            <Case
              key={`${open.tenant}/${String(open.id)}`}
              me={me}
              place={tenant}
              open={open}
              line={all.find((line) => isThat(line, open))}
              version={version}
            />
          )}
        </section>
      </div>
    </>
  );
}

const isThat = (line: ApprovalLine, open: OpenApproval | null): boolean =>
  open !== null && line.id === open.id && line.tenant === open.tenant;

function foundText(all: readonly ApprovalLine[], shown: readonly ApprovalLine[]): string {
  if (all.length === 0) return 'Nothing waits for a decision.';
  if (shown.length < all.length) return `${String(shown.length)} of ${String(all.length)} shown.`;
  return all.length >= LISTED ? `The ${String(LISTED)} that are due first.` : '';
}

function Filter({
  filter,
  onChange,
}: {
  readonly filter: ApprovalFilter;
  readonly onChange: (filter: ApprovalFilter) => void;
}): ReactNode {
  return (
    <div className="field filter">
      <ChoiceField
        label="Show"
        value={filter.view}
        options={approvalViews.map((view) => [view, viewTitles[view]] as const)}
        onChange={(view) => onChange({ ...filter, view })}
      />
      <TextField label="With the words" value={filter.words} onChange={(words) => onChange({ ...filter, words })} />
    </div>
  );
}

function Groups({
  place,
  lines,
  open,
  now,
}: {
  readonly place: string | null;
  readonly lines: readonly ApprovalLine[];
  readonly open: OpenApproval | null;
  readonly now: Date;
}): ReactNode {
  const waiting = lines.filter((line) => line.decided_at === null);
  const groups = [
    { title: 'Waiting for a decision', own: waiting.filter(({ kind }) => kind === 'approval') },
    { title: 'To look at afterwards', own: waiting.filter(({ kind }) => kind === 'review') },
    { title: 'Decided', own: lines.filter((line) => line.decided_at !== null) },
  ];
  return groups.map(({ title, own }) =>
    own.length === 0 ? null : (
      <section key={title}>
        <h2>{title}</h2>
        <ul className="lines">
          {own.map((line) => (
            <li key={`${line.tenant}/${String(line.id)}`}>
              <Line place={place} line={line} now={now} isOpen={isThat(line, open)} />
            </li>
          ))}
        </ul>
      </section>
    ),
  );
}
