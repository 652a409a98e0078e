import type { Json } from '../../kernel/index.ts';
import type { IntendedRecord } from '../types.ts';

/** An operation of the manifest or an intent, as an agent runs it. */
export interface OperationRequest {
  /** `<model>.<name>`, or `create_task` */
  readonly operation: string;
  readonly to?: string;
  readonly records: readonly (Pick<IntendedRecord, 'id' | 'match'> & {
    readonly input?: { readonly [name: string]: Json };
  })[];
  readonly reason?: string;
  /** As of a `WriteIntent`. */
  readonly after?: number;
}
