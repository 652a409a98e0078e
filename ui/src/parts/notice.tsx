import type { ReactNode } from 'react';
import type { Problem } from '../api/types.ts';

/** What went wrong, and what helps. */
export function ProblemNotice({ problem }: { readonly problem: Problem | null }): ReactNode {
  if (problem === null) return null;
  return (
    <div className="notice bad" role="alert">
      <strong>{problem.message}</strong> {problem.fix}
      <small>
        {' '}
        {problem.code}
        {problem.request_id === undefined ? '' : `, ${problem.request_id}`}
      </small>
    </div>
  );
}

export function Lines({ title, lines }: { readonly title: string; readonly lines: readonly string[] }): ReactNode {
  if (lines.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <ul>
        {lines.map((line, at) => (
          <li key={at}>{line}</li>
        ))}
      </ul>
    </section>
  );
}
