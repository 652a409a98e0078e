import type { ApprovalLine, Me } from '../api/types.ts';

export const approvalViews = ['all', 'mine', 'late', 'reviews'] as const;
export type ApprovalView = (typeof approvalViews)[number];

export const viewTitles: Readonly<Record<ApprovalView, string>> = {
  all: 'Everything',
  mine: 'Asked of me',
  late: 'Overdue',
  reviews: 'Reviews',
};

export interface ApprovalFilter {
  readonly view: ApprovalView;
  /** Words that all have to be found in customer, title, agent, user or plan. */
  readonly words: string;
}

/** Whether the list shows it. `standsInFor`: whose place whoever looks takes now. */
export function isShown(
  line: ApprovalLine,
  { view, words }: ApprovalFilter,
  { me, standsInFor, now }: { readonly me: Me; readonly standsInFor: readonly string[]; readonly now: Date },
): boolean {
  if (view === 'reviews' && line.kind !== 'review') return false;
  if (view === 'late' && (line.decided_at !== null || new Date(line.due_at) >= now)) return false;
  if (view === 'mine' && !isAskedOf(line, [me.name, ...standsInFor])) return false;
  const text = [line.tenant, line.title, line.agent, line.principal ?? '', line.plan].join(' ').toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Any approver is asked where nobody is named. */
function isAskedOf({ asked_of: askedOf }: ApprovalLine, names: readonly string[]): boolean {
  if (askedOf === null) return true;
  const own = names.map((name) => name.toLowerCase());
  return askedOf.some((name) => own.includes(name.toLowerCase()));
}
