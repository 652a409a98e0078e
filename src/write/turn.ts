import { GantryError, limits } from '../kernel/index.ts';
import { isReadable, type ConnectionState } from '../connection/index.ts';
import {
  holdWorkingTurn,
  holdWriteTurn,
  readConnection,
  type ConnectionRow,
  type Tx,
  type WriteTurn,
} from '../store/index.ts';
import type { WriteDeps } from './deps.ts';

/** A connection that this worker writes to. */
export interface Turn {
  readonly deps: WriteDeps;
  readonly turn: WriteTurn;
  /** Unique per claim. */
  readonly worker: string;
  readonly connection: ConnectionRow;
  /** Aborted when the worker is to stop, or the turn is lost. */
  readonly signal: AbortSignal;
}

export const leaseMsOf = ({ leaseMs }: WriteDeps): number => leaseMs ?? limits.writeLeaseMs;

/** Another worker has the connection: whatever this one knows may be old, and nothing of it is kept. */
export const turnLost = new Error('another worker writes to this connection now');

/** Proves and prolongs the turn, in the transaction that relies on it. Raises `turnLost`. */
export async function holdTurn(tx: Tx, { deps, turn, worker }: Pick<Turn, 'deps' | 'turn' | 'worker'>): Promise<void> {
  if (!(await holdWriteTurn(tx, turn, { worker, leaseMs: leaseMsOf(deps) }))) throw turnLost;
}

/** The same; true: the connection may be written to now. Raises `turnLost`. */
export async function holdTurnWorking(
  tx: Tx,
  { deps, turn, worker }: Pick<Turn, 'deps' | 'turn' | 'worker'>,
): Promise<boolean> {
  const held = await holdWorkingTurn(tx, turn, { worker, leaseMs: leaseMsOf(deps) });
  if (held === null) throw turnLost;
  return isWorking(held);
}

const isWorking = (row: Pick<ConnectionRow, 'state'> | { readonly state: null } | null): boolean =>
  row !== null && row.state !== null && isReadable(row.state as ConnectionState);

/** Raises `connection_unavailable`-like errors of its state where the connection may not be written to now. */
export async function requireWorking(tx: Tx, { turn }: Pick<Turn, 'turn'>): Promise<void> {
  const row = await readConnection(tx, turn.tenant, turn.connection);
  if (isWorking(row)) return;
  throw new GantryError('connection_reauth_required', {
    message: row === null ? 'The connection is gone.' : `The connection ${row.slug} does not work: ${row.state}.`,
    where: row?.slug,
  });
}
