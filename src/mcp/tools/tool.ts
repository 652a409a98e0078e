import type { Caller } from '../../access/index.ts';
import type { Json, JsonObject, TenantId } from '../../kernel/index.ts';
import type { QueryScope, QueryService } from '../../query/index.ts';
import type { ReadEvents } from './events.ts';
import type { WriteServices } from './write-services.ts';

/** Who calls, as the door's authentication found out. Opaque to the doors themselves. */
export interface CallerContext {
  readonly caller: Caller;
  readonly scope: QueryScope;
  /** Of the access token that the call came with (scopes.ts); null and absent: a key, which has all that the grant has. */
  readonly scopes?: ReadonlySet<string> | null;
}

/** What the tools stand on. Implemented by src/app over query, connection and sync. */
export interface ToolServices {
  readonly query: QueryService;
  /** All of the tenant's connections; the tool reduces them to what the caller may know. */
  readonly connections: (tenant: TenantId) => Promise<readonly ConnectionSummary[]>;
  /** Absent: nothing is told of changes. */
  readonly readEvents?: ReadEvents;
  /** Absent: nothing is written. */
  readonly writes?: WriteServices;
}

/** One connected system, for agents and operators. A type, not an interface: it is an answer and must be JSON. */
export type ConnectionSummary = {
  /** Slug: the first part of `_ref` and of native object names. */
  readonly connection: string;
  /** Provider: `salesforce`. */
  readonly system: string;
  readonly title: string;
  readonly trust: 'record' | 'engagement' | 'last_resort';
  readonly health: 'ok' | 'degraded' | 'reauth_required' | 'paused' | 'revoked' | 'pending';
  /** What is wrong and who can mend it, in plain words; null when healthy. */
  readonly problem: string | null;
  readonly objects: readonly ConnectionObject[];
};

export type ConnectionObject = {
  /** Native name: `Opportunity`. */
  readonly object: string;
  /** Null where it is not known, or not for the caller to know. */
  readonly records: number | null;
  /** What the provider counted before the first load; null where it does not count, or the caller may not know. */
  readonly expected: number | null;
  /** Values that do not fit their field's type and are missing in the records; null where the caller may not know. */
  readonly set_aside: number | null;
  /** Records that a model leaves out as a fault, by the model field that they lack (`deal.amount`); absent where there are none, or the caller may not know. */
  readonly left_out?: { readonly [field: string]: number };
  /** Model fields that records are recognised by across systems and that as good as none here is; absent where all work, or the caller may not know. */
  readonly unmatched?: { readonly [field: string]: { readonly records: number; readonly matched: number } };
  /** Upstream read time up to which everything is known; null until the first load is complete. */
  readonly as_of: string | null;
  readonly backfill: 'pending' | 'running' | 'complete';
  /** Why the last look for changes failed, and what to do; absent while all is well. */
  readonly problem?: string;
};

export interface ToolContext extends CallerContext {
  readonly services: ToolServices;
  /** Of the request, where its door takes one. */
  readonly idempotencyKey?: string;
}

/** MCP's four hints, all stated, because their defaults are the opposite of what a read is. */
export interface ToolAnnotations {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

/** What a client is told of a tool; the same at every door. */
export interface ToolDescription {
  /** One of `toolNames`, or a saved query's. */
  readonly name: string;
  readonly title: string;
  /** When to use it, when another one; one example where shape is not obvious. */
  readonly description: string;
  /** JSON Schema 2020-12. */
  readonly inputSchema: JsonObject;
  /** JSON Schema 2020-12 of the answer or of an error body; null where it would not be worth its tokens. */
  readonly outputSchema: JsonObject | null;
  readonly annotations: ToolAnnotations;
}

export interface Tool extends ToolDescription {
  /** Checks the arguments (raises `bad_request`), then does the work. The result is plain data, not yet cleaned. */
  readonly run: (context: ToolContext, args: Json) => Promise<object>;
}
