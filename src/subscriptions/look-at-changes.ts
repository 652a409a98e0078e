import { GantryError, limits } from '../kernel/index.ts';
import {
  addDeliveries,
  agentHasKey,
  countOpenDeliveries,
  holdTurn,
  readImages,
  setSubscriptionCursor,
  type SubscriptionRow,
  type SubscriptionTurn,
} from '../store/index.ts';
import { noteSubscription } from './change-state.ts';
import type { SubscriptionDeps } from './deps.ts';
import type { SubscriptionLogEvent } from './events.ts';
import { leaseOf } from './hold-turn.ts';
import { imageDays, imagesSince, leadsOn } from './kept-changes.ts';
import { awaitsRights, readSpec, streamsOf } from './read-spec.ts';
import type { SubscriptionEvent } from './subscription-state.ts';
import { viewChange, type EventSpec, type Viewer } from './view-change.ts';

/** The agent as it is now and what of the subscription's wish it may still have. */
export interface Sight {
  readonly viewer: Viewer;
  readonly spec: EventSpec;
}

/** Null: the grant does not carry the subscription any more. `later`: what the user may see is not known just now. */
export async function sightOf(
  deps: SubscriptionDeps,
  turn: SubscriptionTurn,
  row: SubscriptionRow,
): Promise<Sight | 'later' | null> {
  const viewer = await deps.viewerOf(turn.tenant, row.agent, row.principal);
  if (viewer === null) return null;
  try {
    const spec = readSpec(viewer, row);
    return awaitsRights(viewer, spec.object) ? 'later' : { viewer, spec };
  } catch (error) {
    if (!(error instanceof GantryError)) throw error;
    return error.code === 'access_unknown' ? 'later' : null;
  }
}

export type Look = 'more' | 'done' | 'full' | 'later' | 'stopped';

/** The next changes become deliveries, in one transaction with the cursor. */
export async function lookAtChanges(
  deps: SubscriptionDeps,
  worker: string,
  turn: SubscriptionTurn,
  row: SubscriptionRow,
): Promise<Look> {
  const key = { tenant: turn.tenant, id: turn.subscription };
  const sight = await sightOf(deps, turn, row);
  const days = await imageDays(deps, turn.tenant);
  const told: SubscriptionLogEvent[] = [];
  const look = await deps.db.tenantTx(
    turn.tenant,
    async (tx): Promise<Look> => {
      if (!(await holdTurn(tx, turn, leaseOf(deps, worker)))) return 'stopped';
      const stop = async (event: SubscriptionEvent): Promise<Look> => {
        told.push(...(await noteSubscription(tx, key, event)));
        return 'stopped';
      };
      if (!(await agentHasKey(tx, turn.tenant, row.agent))) return stop('key_ended');
      if (sight === null) return stop('grant_lost');
      if (sight === 'later') return 'later';
      if ((await countOpenDeliveries(tx, key, limits.deliveriesOpenMax)) >= limits.deliveriesOpenMax) return 'full';
      const { viewer, spec } = sight;
      const object = viewer.caller.objects.get(spec.object);
      const page = await readImages(tx, {
        tenant: turn.tenant,
        afterSeq: row.cursor,
        streams: object === undefined ? [] : streamsOf(object),
        limit: limits.changesPerLookMax,
      });
      if (!leadsOn(page, row.cursor, imagesSince(days, tx.now))) return stop('changes_gone');
      const deliveries = page.changes.flatMap((change) => {
        const event = viewChange(viewer, spec, change, tx.now);
        return event === null
          ? []
          : [{ seq: change.seq, stream: change.stream, recordId: change.id, type: event.type }];
      });
      await addDeliveries(tx, key, deliveries);
      if (page.seq === row.cursor) return 'done';
      await setSubscriptionCursor(tx, key, page.seq);
      return page.seq - row.cursor >= limits.changesPerLookMax ? 'more' : 'done';
    },
    'subscriptions.look',
  );
  for (const event of told) deps.onEvent(event);
  return look;
}
