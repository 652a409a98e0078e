import { GantryError, limits } from '../../kernel/index.ts';
import type { PageRequest, PastPage, RecordPage } from '../contract.ts';
import type { DeclaredObject } from './declaration.ts';
import type { SessionContext } from './declared-connector.ts';
import { pageOf, positionOf } from './declared-page.ts';

/**
 * Steps over what cannot be read in a feed that can be begun at a second: the
 * cursor that leads on stands in the very answer that cannot be read, so the
 * feed is begun anew at later and later seconds until an answer can be read, and
 * then a little earlier again, as far as `pastProbesMax` calls and the limit go. What changed
 * between the last record that was read and there is left out.
 */
export async function readDeclaredPast(
  context: SessionContext,
  object: DeclaredObject,
  request: PageRequest,
): Promise<PastPage | null> {
  const { start, page_size: size } = object.read;
  const from = start.since === undefined || size === undefined ? null : reached(object, request);
  if (from === null || size === undefined) return null;
  const now = Math.floor(context.clock.now().getTime() / 1_000) - object.read.withholds_s;
  /** Unreadable after so many seconds; and a place, or the end, so many seconds on. */
  let [near, far] = [0, now - from];
  let found: { readonly page: RecordPage; readonly second: number } | null = null;
  for (let probe = 0; probe < limits.pastProbesMax && far - near > 1; probe += 1) {
    const ahead = between(near, far, far < now - from);
    const begun = { ...request, cursor: null, since: new Date((from + ahead) * 1_000) };
    const page: RecordPage | null | Missed = await pageOf(context, object, begun, { [size.param]: '1' }).catch(
      known(found !== null),
    );
    if (page === 'no calls left') break;
    if (page === 'unreadable') near = ahead;
    else {
      far = ahead;
      if (page !== null && page.records.length > 0) found = { page, second: from + ahead };
    }
  }
  if (found === null) return null;
  const leftOut = { from: new Date(from * 1_000), to: new Date(found.second * 1_000) };
  return { page: found.page, leftOut };
}

/** Further and further, until something can be read or nothing is left; then the middle of the two, nearer to the near end. */
const STEP = 32;

function between(near: number, far: number, isBounded: boolean): number {
  const next = isBounded ? Math.round(Math.sqrt(Math.max(1, near) * far)) : near === 0 ? 1 : near * STEP;
  return Math.min(Math.max(next, near + 1), far - 1);
}

/** The second up to which records were read. Null: not known. */
function reached(object: DeclaredObject, request: PageRequest): number | null {
  const position = positionOf(request);
  if (position === null) {
    const { since } = request;
    return since === undefined ? Number(object.read.start.value) : Math.floor(since.getTime() / 1_000);
  }
  return object.read.by === 'time' ? Number(position.at) : position.time;
}

type Missed = 'unreadable' | 'no calls left';

/** What has been found is good enough where the provider's limit is reached. */
const known =
  (isFound: boolean) =>
  (error: unknown): Missed => {
    if (error instanceof GantryError && POISON.has(error.code)) return 'unreadable';
    if (isFound && error instanceof GantryError && error.code === 'upstream_rate_limited') return 'no calls left';
    throw error;
  };

const POISON: ReadonlySet<string> = new Set(['upstream_malformed', 'upstream_too_large']);
