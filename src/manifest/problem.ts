import { GantryError, type ErrorCode, type Json } from '../kernel/index.ts';

/** Every code of the error table that a project's files can earn. */
export type ProblemCode = Exclude<
  Extract<ErrorCode, `manifest_${string}`>,
  'manifest_invalid' | 'manifest_change_breaks'
>;

/** One mistake in a project, where it is and how to put it right. */
export interface Problem {
  readonly code: ProblemCode;
  /** Path inside the project: `models/deal.yaml`. */
  readonly file: string;
  /** Lines and columns count from 1; both are 1 where the whole file is meant. */
  readonly line: number;
  readonly column: number;
  /** Where in the document: `fields.stage.values[2]`; empty for the whole file. */
  readonly path: string;
  readonly message: string;
  readonly fix: string;
  /** Names close to one that was not found, nearest first. */
  readonly suggestions: readonly string[];
}

/** `models/deal.yaml:4:12 fields.stage: message Fix: ... Did you mean won?`, for terminals and logs. */
export function renderProblem(problem: Problem): string {
  const place = `${problem.file}:${problem.line}:${problem.column}`;
  const hint = problem.suggestions.length === 0 ? '' : ` Did you mean ${problem.suggestions.join(', ')}?`;
  return `${place}${problem.path === '' ? '' : ` ${problem.path}`}: ${problem.message} ${problem.fix}${hint}`;
}

/** All mistakes of a project as one error, for the doors. */
export function problemsError(problems: readonly Problem[]): GantryError {
  const first = problems[0];
  if (first === undefined) throw new Error('problemsError needs at least one problem');
  const more = problems.length === 1 ? '' : ` (and ${problems.length - 1} more)`;
  return new GantryError('manifest_invalid', {
    message: `${first.message}${more}`,
    where: `${first.file}:${first.line}:${first.column}`,
    fix: first.fix,
    suggestions: first.suggestions,
    data: { problems: problems as unknown as Json },
  });
}

/** By file, then line, then column: the order in which people mend them. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  return problems.toSorted(
    (a, b) =>
      compareText(a.file, b.file) || a.line - b.line || a.column - b.column || compareText(a.message, b.message),
  );
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
