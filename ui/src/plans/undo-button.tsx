import { useState, type ReactNode } from 'react';
import { ask, problemOf } from '../api/client.ts';
import type { Problem, Undo } from '../api/types.ts';
import { ProblemNotice } from '../parts/notice.tsx';
import { hashOf } from '../pure/route.ts';
import { undoReports } from './undo-reports.ts';

/** Prepares a plan that takes back what a plan wrote, and opens it: nothing is sent by that. */
export function UndoButton({ tenant, plan }: { readonly tenant: string; readonly plan: string }): ReactNode {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [said, say] = useState<readonly string[]>([]);
  const prepare = async (): Promise<void> => {
    setBusy(true);
    try {
      const { undos } = await ask<{ undos: readonly Undo[] }>(
        'POST',
        `/v1/tenants/${encodeURIComponent(tenant)}/undo`,
        { plan },
      );
      const prepared = undos.find(({ plan_id: id }) => id !== undefined);
      if (prepared?.plan_id === undefined) {
        say(undos.length === 0 ? ['There is nothing to undo.'] : undos.flatMap(({ report }) => report));
      } else {
        undoReports.set(prepared.plan_id, prepared.report);
        location.hash = hashOf({ screen: 'plan', tenant, plan: prepared.plan_id });
      }
    } catch (thrown) {
      setProblem(problemOf(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <button type="button" disabled={busy} onClick={() => void prepare()}>
        {busy ? 'Looking at what is there now…' : 'Undo…'}
      </button>
      <ProblemNotice problem={problem} />
      {said.map((line, at) => (
        <span key={at} className="notice" role="status">
          {line}
        </span>
      ))}
    </>
  );
}
