import { useEffect, useRef, type ReactNode } from 'react';
import { queryOf } from '../api/client.ts';
import type { ApprovalCase, ApprovalLine, Me } from '../api/types.ts';
import { ChangeTable } from '../parts/change-table.tsx';
import { Lines, ProblemNotice } from '../parts/notice.tsx';
import { useAsked } from '../parts/use-asked.ts';
import { useNow } from '../parts/use-now.ts';
import { may } from '../pure/may.ts';
import { moneyText, recordsText } from '../pure/money.ts';
import { hashOf, type OpenApproval } from '../pure/route.ts';
import { BreakGlass } from './break-glass.tsx';
import { Countdown } from './countdown.tsx';
import { Decide } from './decide.tsx';

/** One approval: what will change, what it is worth, who decides until when. */
export function Case(props: {
  readonly me: Me;
  /** The list that one came from; null: that of all customers. */
  readonly place: string | null;
  readonly open: OpenApproval;
  /** From the list, which shows less: whoever may not see values sees that. */
  readonly line: ApprovalLine | undefined;
  readonly version: number;
}): ReactNode {
  const { me, place, open, line, version } = props;
  const { tenant, id } = open;
  const path = may(me.role, 'seeValues') ? `/v1/approvals/${String(id)}${queryOf({ tenant })}` : null;
  const { answer, problem } = useAsked<ApprovalCase>(path, version);
  const shown = answer ?? line;
  return (
    <article>
      <a className="back" href={hashOf({ screen: 'approvals', tenant: place, open: null })}>
        ← All approvals
      </a>
      <ProblemNotice problem={problem} />
      {shown === undefined ? null : <Head shown={shown} />}
      {path === null ? <p className="soft">What would be written is shown to approvers.</p> : null}
      {answer === null ? null : <Values whole={answer} />}
      {answer !== null && answer.decided_at === null ? <Decide me={me} whole={answer} /> : null}
      {answer !== null && answer.decided_at === null && mayBreakGlass(me, answer) ? (
        <BreakGlass whole={answer} />
      ) : null}
      {answer !== null && answer.decided_at !== null ? (
        <p className="notice" role="status">
          {answer.state.replaceAll('_', ' ')}
          {answer.decided_by === null ? '' : ` by ${answer.decided_by}`}
          {answer.on_behalf_of === null ? '' : ` for ${answer.on_behalf_of}`}
          {answer.reason === null ? '' : `: “${answer.reason}”`}
        </p>
      ) : null}
      {may(me.role, 'operate') && shown !== undefined ? (
        <a href={hashOf({ screen: 'plan', tenant, plan: shown.plan })}>The plan</a>
      ) : null}
    </article>
  );
}

/** A review is of what was written already. */
const mayBreakGlass = (me: Me, { kind }: ApprovalCase): boolean =>
  kind === 'approval' && me.person && may(me.role, 'breakGlass');

function Head({ shown }: { readonly shown: ApprovalLine }): ReactNode {
  const now = useNow(1_000);
  const heading = useRef<HTMLHeadingElement>(null);
  // Whoever opens it reads from here, whatever they opened it with.
  useEffect(() => heading.current?.focus(), []);
  const { title, amount, currency, records, agent, principal, asked_of: askedOf } = shown;
  return (
    <>
      <h2 ref={heading} tabIndex={-1}>
        {title}
      </h2>
      <dl className="facts">
        <dt>Customer</dt>
        <dd>{shown.tenant}</dd>
        <dt>Impact</dt>
        <dd>
          {moneyText(amount, currency)}, {recordsText(records)}
        </dd>
        <dt>Asked by</dt>
        <dd>
          {agent}
          {principal === null ? '' : ` for ${principal}`}
        </dd>
        <dt>{shown.kind === 'review' ? 'To be looked at by' : 'Decides'}</dt>
        <dd>{askedOf === null ? 'any approver' : askedOf.join(' or ')}</dd>
        {shown.decided_at === null ? (
          <>
            <dt>Due</dt>
            <dd>
              <Countdown line={shown} now={now} /> ({new Date(shown.due_at).toLocaleString('en-GB')}
              {shown.expires_at === null ? '' : '; no decision means no'})
            </dd>
          </>
        ) : null}
      </dl>
    </>
  );
}

function Values({ whole }: { readonly whole: ApprovalCase }): ReactNode {
  return (
    <>
      {whole.sent_back === null ? null : (
        <p className="notice" role="note">
          <strong>Asked again (round {whole.round}).</strong> {whole.sent_back}
        </p>
      )}
      {whole.glass_broken_by === null ? null : (
        <p className="notice bad" role="note">
          <strong>{whole.glass_broken_by} broke the glass:</strong> it was written without its approvals. “
          {whole.glass_reason}”
        </p>
      )}
      <h3>{whole.kind === 'review' ? 'What was written' : 'What will be written'}</h3>
      {whole.changes.map(({ system, operation, object, record, fields }, at) => (
        <ChangeTable
          key={at}
          what={`${operation} ${object}${record === null ? '' : ` ${record}`} in ${system}`}
          fields={fields}
        />
      ))}
      {whole.more_changes === 0 ? null : <p>and {whole.more_changes} more records, not shown here</p>}
      <Lines title="Besides" lines={[...whole.side_effects, ...whole.preconditions, ...whole.warnings]} />
      <Lines title="Why it waits" lines={whole.because} />
      <Lines
        title="Who else is asked"
        lines={whole.others.map(
          ({ kind, state, decided_by: by }) => `${kind}: ${state}${by === null ? '' : ` by ${by}`}`,
        )}
      />
      {whole.agent_says === null ? null : (
        <section>
          <h3>What the agent says</h3>
          <p className="soft">Its own words, which nobody has checked:</p>
          <blockquote>{whole.agent_says}</blockquote>
        </section>
      )}
    </>
  );
}
