import type { ClassedTable } from '../../mapping/index.ts';
import type { SessionRelation } from '../contract.ts';
import type { SqlCall } from '../host-protocol.ts';
import type { DataVersion } from './agent-sessions.ts';
import { quoteName } from './quote.ts';
import { select } from './select.ts';
import { definitionOf, failedBuild, isCurrent, type RelationHome } from './session-relations.ts';

/**
 * Views in the place of copies, for callers whom access classes limit and who
 * see every class that there is: to copy what hides nothing only costs. That
 * nothing is hidden has to be true of the very snapshot that a statement runs
 * in, so it is made sure of in the statement's own transaction.
 */
export interface BareView extends SessionRelation {
  readonly as: 'view';
  readonly classed: readonly ClassedTable[];
}

/** The relations of the call as they are to be made: where nothing seems to be hidden, a view. */
export async function chosenRelations(
  home: RelationHome,
  call: SqlCall,
  data: DataVersion,
): Promise<readonly SessionRelation[]> {
  const chosen: SessionRelation[] = [];
  for (const relation of call.relations) {
    const view = viewOf(relation);
    const isView = view !== null && (await seemsBare(home, view, call, data));
    chosen.push(isView ? view : relation);
  }
  return chosen;
}

export const bareViews = (relations: readonly SessionRelation[]): readonly BareView[] => relations.filter(isBareView);

const isBareView = (relation: SessionRelation): relation is BareView =>
  relation.as === 'view' && relation.classed !== undefined;

function viewOf({ classed, ...relation }: SessionRelation): BareView | null {
  if (relation.as !== 'table' || classed === undefined || relation.params.length > 0) return null;
  return { ...relation, as: 'view', classed };
}

async function seemsBare(home: RelationHome, view: BareView, call: SqlCall, data: DataVersion): Promise<boolean> {
  // A copy that is good has been paid for; a view is looked at again when the statement runs.
  if (isCurrent(home, { ...view, as: 'table' }, call, data)) return false;
  return isCurrent(home, view, call, data) || !(await hides(home, view));
}

/** The state that a snapshot taken now would be of; null while that cannot be told. */
export const stateNow = ({ committing, dataVersion }: DataVersion): number | null => (committing ? null : dataVersion);

/**
 * Whether these views hide nothing in the transaction that the connection is
 * in, whose snapshot was taken after `before` was the state (`stateNow`).
 */
export async function areBare(
  home: RelationHome,
  views: readonly BareView[],
  data: DataVersion,
  before: number | null,
): Promise<boolean> {
  // No commit began or ended since: the snapshot is of this state.
  const seq = before !== null && stateNow(data) === before ? data.seq : null;
  for (const view of views) {
    if (seq !== null && isKnownBare(home, view, data)) continue;
    if (await hides(home, view)) return false;
    const built = home.relations.get(view.name);
    if (seq !== null && built !== undefined) home.relations.set(view.name, { ...built, bareAt: seq });
  }
  return true;
}

function isKnownBare(home: RelationHome, view: BareView, { changedAt }: DataVersion): boolean {
  const built = home.relations.get(view.name);
  const bareAt = built?.bareAt ?? null;
  if (bareAt === null || built?.definition !== definitionOf(home, view)) return false;
  return view.classed.every(({ stream }) => (changedAt.get(stream) ?? 0) <= bareAt);
}

/** Whether there is any record that the caller is not shown. */
async function hides(home: RelationHome, { classed }: BareView): Promise<boolean> {
  try {
    for (const { relation, shown } of classed) {
      const table = `${quoteName(home.catalog)}.${relation}`;
      const found = await select(
        home.connection,
        `select 1 from ${table} where (${shown}) is distinct from true limit 1`,
      );
      if (found.length > 0) return true;
    }
    return false;
  } catch (error) {
    throw failedBuild(error);
  }
}
