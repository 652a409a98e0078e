import type { Json } from '../kernel/index.ts';
import type { AuditEntry } from './types.ts';

/** What somebody changed in how a tenant is set up. */
export interface Change {
  /** Name of the operator; null: Gantry itself, or a person who is no operator of ours. */
  readonly by: string | null;
  /** After `changed`: `connection crm: it is paused`. */
  readonly what: string;
  /** Slug, where it is about one. */
  readonly connection?: string;
  /** User of the product, where it is about one: by that it is found, and emptied when they are erased. */
  readonly principal?: string;
  /** In short, without secrets. */
  readonly before?: Json;
  readonly after?: Json;
  readonly reason?: string | null;
}

/** The entry of a change, to be kept in the transaction of the change. */
export function changeEntry({ by, what, connection, principal, before, after, reason = null }: Change): AuditEntry {
  return {
    kind: 'configuration_changed',
    actor: by === null ? { kind: 'gantry' } : { kind: 'operator', name: by },
    subject: { ...(connection === undefined ? {} : { connection }), ...(principal === undefined ? {} : { principal }) },
    reason,
    amount: null,
    detail: {
      what,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    },
  };
}
