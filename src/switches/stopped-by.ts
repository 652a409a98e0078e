import type { TenantId } from '../kernel/index.ts';
import { openSwitches, type SwitchRow, type Tx } from '../store/index.ts';
import type { SwitchMode } from './types.ts';

/** What somebody is about to do, as far as switches may be about it. */
export interface SwitchedAct {
  readonly connection?: string;
  readonly object?: string;
  /** Operation of the manifest, or `create`, `update`, `upsert`, `delete`. */
  readonly operations?: readonly string[];
  readonly agent?: string;
  readonly principal?: string | null;
}

/** - prepare: a plan is made; accept: it is committed; send: it goes to the provider; call: anything else that asks the provider. */
export type SwitchedStep = 'prepare' | 'accept' | 'send' | 'call';

/** A switch that stands in the way. */
export interface Stop {
  readonly id: number;
  readonly global: boolean;
  readonly mode: SwitchMode;
  readonly reason: string;
  readonly by: string;
  readonly since: Date;
}

/** Each mode against each step: true stops it. */
export const stopTable: Readonly<Record<SwitchMode, Readonly<Record<SwitchedStep, boolean>>>> = {
  stop_writes: { prepare: false, accept: true, send: true, call: false },
  stop_all_upstream: { prepare: true, accept: true, send: true, call: true },
  read_replica_only: { prepare: true, accept: true, send: true, call: false },
  drain: { prepare: false, accept: true, send: false, call: false },
};

/**
 * The first switch that stops this, as the database has it now: asked in the
 * transaction that goes before a send, a switch holds from its commit on.
 */
export async function stoppedBy(tx: Tx, tenant: TenantId, step: SwitchedStep, act: SwitchedAct): Promise<Stop | null> {
  return stopAmong(await openSwitches(tx, tenant), step, act);
}

/** The same among switches that were read already. */
export function stopAmong(rows: readonly SwitchRow[], step: SwitchedStep, act: SwitchedAct): Stop | null {
  const found = rows.find((row) => stopTable[modeOf(row)][step] && concerns(row, act));
  if (found === undefined) return null;
  const { id, scope, reason, thrownBy, thrownAt } = found;
  return { id, global: scope === 'global', mode: modeOf(found), reason, by: thrownBy, since: thrownAt };
}

function concerns({ scope, subject }: Pick<SwitchRow, 'scope' | 'subject'>, act: SwitchedAct): boolean {
  switch (scope) {
    case 'global':
    case 'tenant':
      return true;
    case 'connection':
      return subject['connection'] === act.connection;
    case 'object':
      return subject['connection'] === act.connection && subject['object'] === act.object;
    case 'operation':
      return act.operations?.some((each) => each === subject['operation']) ?? false;
    case 'agent':
      return subject['agent'] === act.agent;
    case 'principal':
      return subject['principal'] === act.principal;
    default:
      // A kind of a newer program's: what is not understood stops.
      return true;
  }
}

/** What a newer program means by a mode of its own is not known here: it stops everything. */
const modeOf = ({ mode }: Pick<SwitchRow, 'mode'>): SwitchMode => (isMode(mode) ? mode : 'stop_all_upstream');

const isMode = (mode: string): mode is SwitchMode => Object.hasOwn(stopTable, mode);
