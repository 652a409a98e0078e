import type { SessionWrites } from '../../connectors/index.ts';
import type { NativeObject } from '../../schema/index.ts';
import type { WriteActor } from '../deps.ts';
import type { PlanId } from '../types.ts';
import type { UndoSight } from './sight.ts';

/** Which writes are to be taken back. */
export type UndoScope =
  | { readonly kind: 'write'; readonly plan: PlanId; readonly item: number }
  | { readonly kind: 'plan'; readonly plan: PlanId }
  /** What was accepted then, of an agent; null: of all. */
  | { readonly kind: 'time'; readonly agent: string | null; readonly from: Date; readonly to: Date };

export interface UndoRequest {
  readonly scope: UndoScope;
  readonly who: WriteActor;
  /**
   * Where somebody has changed since what we wrote: `refuse` makes a plan that
   * cannot be committed, `leave` takes back the rest, `overwrite` takes back theirs, too.
   */
  readonly conflicts: 'refuse' | 'leave' | 'overwrite';
  /** Looks only: no plan is kept. */
  readonly dryRun: boolean;
  readonly reason?: string;
  /** The agent that asks was shown free text of others: what it wants may be what that text wanted. Absent: a person asks. */
  readonly readUntrusted?: boolean;
  /** What it may be told; absent: everything, of people who run things. */
  readonly sight?: UndoSight;
}

/** A system that was asked. */
export interface Reached {
  /** Whose own sign-in it is; null: the connection's. */
  readonly signIn: string | null;
  readonly writes: SessionWrites;
  readonly object: NativeObject;
}
