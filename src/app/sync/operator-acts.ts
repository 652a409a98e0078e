import type { Operator, Said } from '../../api/index.ts';
import { limits, type ConnectionId, type JsonObject, type TenantId } from '../../kernel/index.ts';
import { addOperatorAct, listOperatorActs, type Tx } from '../../store/index.ts';
import { actorOf } from '../identity/actor.ts';
import { namesOf } from './find-object.ts';

/** What operators do to the reading of a connection; kept with who, when and why. */
export type SyncAct =
  | 'pause'
  | 'resume'
  | 'backfill'
  | 'accept_deletions'
  | 'dismiss_deletions'
  | 'replay_dead_letters'
  | 'drop_dead_letter'
  | 'replay_dead_events'
  | 'drop_dead_events'
  | 'replay_quarantine';

export interface ActToNote {
  readonly act: SyncAct;
  readonly connection: ConnectionId;
  readonly object?: string | null;
  /** The record, page or event. */
  readonly name?: string | null;
  readonly figures?: JsonObject;
}

/** Who acts: as they call themselves, or as their key is called. */
export const actor = (operator: Operator, { by }: Said): string => actorOf(operator, by);

export async function noteAct(
  tx: Tx,
  tenant: TenantId,
  { act, connection, object = null, name = null, figures = {} }: ActToNote,
  { operator, said }: { readonly operator: Operator; readonly said: Said },
): Promise<void> {
  const row = { connection, object, act, name, by: actor(operator, said), note: said.note, figures };
  await addOperatorAct(tx, tenant, row, limits.operatorActsKept);
}

export async function listActs(
  tx: Tx,
  tenant: TenantId,
  { connection, limit }: { readonly connection: ConnectionId | null; readonly limit: number },
): Promise<JsonObject[]> {
  const { connections } = await namesOf(tx, tenant);
  const rows = await listOperatorActs(tx, { tenant, limit, ...(connection === null ? {} : { connection }) });
  return rows.map(({ connection: id, object, act, name, by, note, figures, at }) => ({
    at: at.toISOString(),
    by,
    act,
    connection: connections.get(id)?.slug ?? null,
    object,
    name,
    note,
    figures,
  }));
}
