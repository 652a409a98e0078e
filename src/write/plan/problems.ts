import { limits, type ErrorCode } from '../../kernel/index.ts';
import type { PlanProblem } from '../types.ts';

/** What is wrong with a request, and what has to be said of it, while it is thought through. */
export interface Notes {
  readonly problems: PlanProblem[];
  /** In words; each once. */
  readonly warnings: Set<string>;
  /** Items with a problem, and places with one. */
  readonly broken: Set<number>;
  readonly places: Set<string>;
}

export const newNotes = (): Notes => ({ problems: [], warnings: new Set(), broken: new Set(), places: new Set() });

export interface Place {
  readonly item: number;
  /** Within the record: `values.stage`; empty: the record itself. */
  readonly path: string;
}

export interface Mistake {
  readonly code: ErrorCode;
  readonly message: string;
  readonly fix: string;
}

export const placeText = ({ item, path }: Place): string => `records[${String(item)}]${path === '' ? '' : `.${path}`}`;

export function report(notes: Notes, place: Place, { code, message, fix }: Mistake): void {
  const at = placeText(place);
  notes.broken.add(place.item);
  notes.places.add(at);
  notes.problems.push({ code, at, message, fix });
}

/** The first of them, and how many more there are: ten thousand records may all be wrong in the same way. */
export function shownProblems(problems: readonly PlanProblem[]): readonly PlanProblem[] {
  const more = problems.length - limits.planProblemsMax;
  const first = problems.slice(0, limits.planProblemsMax);
  const last = first.at(-1);
  if (more <= 0 || last === undefined) return problems;
  return [...first.slice(0, -1), { ...last, message: `${last.message} And ${String(more)} more problems.` }];
}
