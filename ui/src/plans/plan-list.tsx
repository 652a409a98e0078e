import { useMemo, type ReactNode } from 'react';
import { queryOf } from '../api/client.ts';
import type { PlanLine } from '../api/types.ts';
import { ChoiceField } from '../parts/field.tsx';
import { ProblemNotice } from '../parts/notice.tsx';
import { useAsked } from '../parts/use-asked.ts';
import { moveFocus, useKeys } from '../parts/use-keys.ts';
import { useNow } from '../parts/use-now.ts';
import { recordsText } from '../pure/money.ts';
import { hashOf } from '../pure/route.ts';
import { planStateNames, planStateText } from '../pure/states.ts';
import { agoText } from '../pure/time.ts';

const LISTED = 100;

/** What agents prepared, the newest first. */
export function PlanList({
  tenant,
  state,
  version,
}: {
  readonly tenant: string;
  /** Null: whatever it is. */
  readonly state: string | null;
  readonly version: number;
}): ReactNode {
  const path = `/v1/tenants/${encodeURIComponent(tenant)}/write-plans${queryOf({ limit: LISTED, state: state ?? undefined })}`;
  const { answer, problem } = useAsked<{ plans: readonly PlanLine[] }>(path, version);
  const now = useNow(10_000);
  const keys = useMemo(() => ({ j: () => moveFocus('.plans a.line', 1), k: () => moveFocus('.plans a.line', -1) }), []);
  useKeys(keys);
  const options = [['', 'all'], ...planStateNames.map((name) => [name, planStateText(name)] as const)] as const;
  return (
    <section className="plans" aria-label="Plans">
      <h1>Plans</h1>
      <ProblemNotice problem={problem} />
      <ChoiceField
        label="Which"
        value={state ?? ''}
        options={options}
        onChange={(chosen) => {
          location.hash = hashOf({ screen: 'plans', tenant, state: chosen === '' ? null : chosen });
        }}
      />
      {answer?.plans.length === 0 ? <p className="soft">There is none.</p> : null}
      <ul className="lines">
        {(answer?.plans ?? []).map((plan) => (
          <li key={plan.plan}>
            <a className="line" href={hashOf({ screen: 'plan', tenant, plan: plan.plan })}>
              <strong>{plan.title}</strong>
              <span>
                {planStateText(plan.state)}
                {plan.reason === null || plan.reason === '' ? '' : `: ${plan.reason}`}
              </span>
              <span>
                {recordsText(plan.records)} · {plan.agent}
                {plan.principal === null ? '' : ` for ${plan.principal}`} · {agoText(new Date(plan.created_at), now)}
              </span>
            </a>
          </li>
        ))}
      </ul>
      {answer?.plans.length === LISTED ? <p className="soft">The newest {LISTED}; the audit has all.</p> : null}
    </section>
  );
}
