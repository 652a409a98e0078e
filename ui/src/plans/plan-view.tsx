import { useState, type ReactNode } from 'react';
import { ask, problemOf } from '../api/client.ts';
import type { Me, Plan, Problem } from '../api/types.ts';
import { ChangeTable, valueText } from '../parts/change-table.tsx';
import { Lines, ProblemNotice } from '../parts/notice.tsx';
import { useAsked } from '../parts/use-asked.ts';
import { may } from '../pure/may.ts';
import { moneyText, recordsText } from '../pure/money.ts';
import { hashOf } from '../pure/route.ts';
import { planStateText } from '../pure/states.ts';
import { NeedsRole } from '../parts/needs-role.tsx';
import { Steps } from './steps.tsx';
import { UndoButton } from './undo-button.tsx';
import { undoReports } from './undo-reports.ts';
import { WriteList } from './write-list.tsx';

/** States from which a plan goes on by itself or by others, and can still be withdrawn. */
const withdrawable = new Set(['prepared', 'awaiting_approval', 'queued']);

/** A prepared write: what it would do or did, and letting it go. */
export function PlanView({
  me,
  tenant,
  plan,
  version,
}: {
  readonly me: Me;
  readonly tenant: string;
  readonly plan: string;
  readonly version: number;
}): ReactNode {
  const path = `/v1/tenants/${encodeURIComponent(tenant)}/write-plans/${encodeURIComponent(plan)}`;
  const [done, setDone] = useState(0);
  const [refused, setRefused] = useState<Problem | null>(null);
  const { answer, problem } = useAsked<Plan>(may(me.role, 'operate') ? path : null, version + done);
  const act = async (what: 'commit' | 'withdraw'): Promise<void> => {
    try {
      await ask('POST', `${path}/${what}`, {});
      setRefused(null);
    } catch (thrown) {
      setRefused(problemOf(thrown));
    }
    setDone((count) => count + 1);
  };
  if (!may(me.role, 'operate')) return <NeedsRole what="operate" why="Plans show customers’ values;" />;
  return (
    <article className="plan">
      <ProblemNotice problem={problem} />
      {answer === null ? null : (
        <>
          <PlanBody tenant={tenant} answer={answer} onDone={() => setDone((count) => count + 1)} />
          <WriteList tenant={tenant} plan={answer} onDone={() => setDone((count) => count + 1)} />
          <ProblemNotice problem={refused} />
          <p className="buttons">
            {answer.status === 'prepared' ? (
              <button type="button" className="good" onClick={() => void act('commit')}>
                Carry it out
              </button>
            ) : null}
            {withdrawable.has(answer.status) ? (
              <button type="button" className="plain" onClick={() => void act('withdraw')}>
                Withdraw it
              </button>
            ) : null}
            <a href={hashOf({ screen: 'audit', tenant, asked: plan })}>What happened to it</a>
            {(answer.counts?.['succeeded'] ?? 0) > 0 ? <UndoButton tenant={tenant} plan={plan} /> : null}
          </p>
        </>
      )}
    </article>
  );
}

/** What it would do, or did. */
function PlanBody({
  tenant,
  answer,
  onDone,
}: {
  readonly tenant: string;
  readonly answer: Plan;
  readonly onDone: () => void;
}): ReactNode {
  const found = undoReports.get(answer.plan_id) ?? [];
  // Of an undo both say the same.
  const warnings = (answer.warnings ?? []).map(valueText).filter((text) => !found.includes(text));
  return (
    <>
      <h1>{answer.title}</h1>
      <p role="status" className="notice">
        <strong>{planStateText(answer.status)}</strong>. {answer.text}
      </p>
      <dl className="facts">
        <dt>Impact</dt>
        <dd>
          {moneyText(answer.impact.amount, answer.impact.currency)}, {recordsText(answer.records)}
        </dd>
        <dt>In the name of</dt>
        <dd>
          {answer.agent}
          {answer.principal === null ? '' : ` for ${answer.principal}`}
        </dd>
        {answer.reason === null ? null : (
          <>
            <dt>Reason given</dt>
            <dd>{answer.reason}</dd>
          </>
        )}
        {typeof answer.undoes === 'string' ? (
          <>
            <dt>Takes back</dt>
            <dd>
              <a href={hashOf({ screen: 'plan', tenant, plan: answer.undoes })}>{answer.undoes}</a>
            </dd>
          </>
        ) : null}
      </dl>
      <Steps tenant={tenant} plan={answer.plan_id} steps={answer.steps ?? []} onDone={onDone} />
      <Lines title="What was found" lines={found} />
      <Lines title="Problems" lines={(answer.problems ?? []).map(valueText)} />
      <Lines title="Warnings" lines={warnings} />
      {answer.changes.map(({ item, operation, ref, in: place, label, fields }) => (
        <ChangeTable
          key={item}
          what={`${operation} ${label ?? ''} ${ref ?? place ?? ''}`}
          fields={Object.entries(fields ?? {}).map(([field, { from, to }]) => ({
            field,
            before: valueText(from),
            after: valueText(to),
          }))}
        />
      ))}
    </>
  );
}
