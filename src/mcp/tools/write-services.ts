import type { Json } from '../../kernel/index.ts';
import type { OperationRequest, StepsRequest, WriteIntent } from '../../write/index.ts';
import type { CallerContext } from './tool.ts';

/** A request under a key of the caller's: repeated, it has the same answer. */
export interface Keyed {
  readonly key: string;
  readonly body: { readonly [name: string]: Json };
}

/**
 * Writing, as agents do it. Every answer is plain data. Implemented by src/app
 * over the plans; all raise their errors.
 */
export interface WriteServices {
  prepare(context: CallerContext, intent: WriteIntent, keyed: Keyed | null): Promise<object>;
  operation(context: CallerContext, request: OperationRequest, keyed: Keyed | null): Promise<object>;
  steps(context: CallerContext, request: StepsRequest, keyed: Keyed | null): Promise<object>;
  commit(context: CallerContext, request: { readonly plan: string }): Promise<object>;
  status(context: CallerContext, request: { readonly plan: string }): Promise<object>;
  /** Takes back what was not sent yet; where nothing is left to be sent, nothing happens. Answers as `status` does. */
  cancel(context: CallerContext, request: { readonly plan: string }): Promise<object>;
  /** Takes back what was not sent, and prepares the plan that undoes what was. */
  undo(context: CallerContext, request: UndoRequest): Promise<object>;
  /** Some writes of a plan, from `from` on, as text: what a plan's link leads to. */
  page(context: CallerContext, request: { readonly plan: string; readonly from: number }): Promise<object>;
}

export interface UndoRequest {
  readonly plan: string;
  /** One write of it; absent: all. */
  readonly item?: number;
  readonly reason?: string;
}
