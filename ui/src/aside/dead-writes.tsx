import { useState, type ReactNode } from 'react';
import type { DeadWrite } from '../api/types.ts';
import { ChangeTable, valueText } from '../parts/change-table.tsx';
import { ProblemNotice } from '../parts/notice.tsx';
import { useAsked } from '../parts/use-asked.ts';
import { Settle } from '../plans/settle.tsx';
import { hashOf } from '../pure/route.ts';
import { writeStateText } from '../pure/states.ts';

/** Writes that failed, or of which a person has to say what became. */
export function DeadWrites({ tenant, version }: { readonly tenant: string; readonly version: number }): ReactNode {
  const [done, setDone] = useState(0);
  const path = `/v1/tenants/${encodeURIComponent(tenant)}/dead-writes`;
  const { answer, problem } = useAsked<{ dead_writes: readonly DeadWrite[] }>(path, version + done);
  const all = answer?.dead_writes ?? [];
  return (
    <section aria-label="Writes">
      <h2>Writes</h2>
      <ProblemNotice problem={problem} />
      {answer !== null && all.length === 0 ? <p className="soft">No write of the last 31 days needs anybody.</p> : null}
      {all.map((each) => (
        <article key={`${each.plan}/${String(each.item)}`} className="card">
          <h3>
            {each.operation} {each.label ?? each.ref ?? each.in}{' '}
            <span className={`state ${each.state}`}>{writeStateText(each.state)}</span>
          </h3>
          <p>
            {each.why} <small>{each.code}</small>
          </p>
          <p className="soft">
            {each.agent}
            {each.principal === null ? '' : ` for ${each.principal}`}, accepted{' '}
            {new Date(each.accepted_at).toLocaleString('en-GB')}, tried {each.attempts} times ·{' '}
            <a href={hashOf({ screen: 'plan', tenant, plan: each.plan })}>The plan</a>
          </p>
          {each.fields === undefined ? null : (
            <ChangeTable
              what="What it was to write"
              fields={Object.entries(each.fields).map(([field, { from, to }]) => ({
                field,
                before: valueText(from),
                after: valueText(to),
              }))}
            />
          )}
          <Settle
            tenant={tenant}
            plan={each.plan}
            item={each.item}
            state={each.state}
            isNew={each.ref === undefined && each.operation !== 'delete'}
            onDone={() => setDone((count) => count + 1)}
          />
        </article>
      ))}
    </section>
  );
}
