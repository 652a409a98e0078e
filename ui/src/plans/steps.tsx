import type { ReactNode } from 'react';
import type { PlanStep } from '../api/types.ts';
import { countsText, stepStateText } from '../pure/states.ts';
import { TakeBack } from './take-back.tsx';

/** Of a plan in several steps: how far each is, and what of it is taken back. */
export function Steps(props: {
  readonly tenant: string;
  readonly plan: string;
  readonly steps: readonly PlanStep[];
  readonly onDone: () => void;
}): ReactNode {
  const { tenant, plan, steps, onDone } = props;
  if (steps.length === 0) return null;
  return (
    <section aria-label="Steps">
      <h2>Steps</h2>
      <ol className="steps" start={0}>
        {steps.map((step, at) =>
          typeof step === 'string' ? (
            <li key={at}>{step}</li>
          ) : (
            <li key={at}>
              {step.title} <span className={`state ${step.state}`}>{stepStateText(step.state)}</span>
              {Object.keys(step.counts).length === 0 ? null : <span className="soft"> {countsText(step.counts)}</span>}
              {step.take_back === undefined ? null : (
                <TakeBack tenant={tenant} plan={plan} step={step.step} held={step.take_back} onDone={onDone} />
              )}
            </li>
          ),
        )}
      </ol>
    </section>
  );
}
