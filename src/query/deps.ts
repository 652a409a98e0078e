import type { Clock, JsonObject, StreamId, TenantId } from '../kernel/index.ts';
import type { Lens } from '../lens/index.ts';
import type { Caller } from '../access/index.ts';
import type { LeftOutWarner } from './left-out.ts';
import type { WithinShownFields } from './rights/with-shown-fields.ts';
import type { QueryScope } from './types.ts';

/** What the read use cases stand on. */
export interface QueryDeps {
  readonly lens: Lens;
  readonly clock: Clock;
  readonly past: Past;
  /** Has these objects looked at upstream at once, unless that is under way; returns before it is done. */
  readonly requestSync: (tenant: TenantId, streams: readonly StreamId[]) => Promise<void>;
  /** Absent: what users may see is never read anew for a question. */
  readonly access?: AccessPort;
}

/** What a question may ask about rights while it waits. All are for callers with a principal. Implemented by src/app. */
export interface AccessPort {
  /** The same caller, after its rights to these streams were read anew; null where that takes longer than `limits.accessWaitMs`. */
  refreshed(request: {
    readonly caller: Caller;
    readonly scope: QueryScope;
    readonly streams: readonly StreamId[];
  }): Promise<Caller | null>;
  /** The same caller without fields of these streams that their sources do not show the principal now. */
  withinShownFields(request: {
    readonly caller: Caller;
    readonly scope: QueryScope;
    readonly streams: readonly StreamId[];
  }): Promise<WithinShownFields>;
  /** Those of the records that their source shows the principal now; null where it cannot be asked. */
  visibleNow(request: {
    readonly caller: Caller;
    readonly stream: StreamId;
    readonly ids: readonly string[];
  }): Promise<ReadonlySet<string> | null>;
}

/** The same, with what the service keeps between questions. */
export interface QueryParts extends QueryDeps {
  readonly warnOfLeftOut: LeftOutWarner;
  /** Set while a question that meets rights which are too old is better asked again. */
  readonly mayAwaitRights?: boolean;
  /** Set while nobody has asked which fields the sources show at this moment. */
  readonly mayAwaitFields?: boolean;
}

/** Records as they were, from the truth. Implemented by src/app over the store. */
export interface Past {
  versions(
    tenant: TenantId,
    request: { readonly stream: StreamId; readonly id: string; readonly since: Date; readonly limit: number },
  ): Promise<PastVersions>;
  /**
   * Records that were deleted at or after `since` and have not come back, as they last were; oldest deletion first. Only
   * those of these access classes count, towards the limit as well.
   */
  gone(
    tenant: TenantId,
    request: {
      readonly streams: readonly { readonly stream: StreamId; readonly classes: readonly number[] | 'all' }[];
      readonly since: Date;
      /** The last one of the page before; null: from the first on. */
      readonly after: Pick<GoneDocument, 'knownAt' | 'stream' | 'id'> | null;
      readonly limit: number;
    },
  ): Promise<readonly GoneDocument[]>;
}

export interface PastVersions {
  /** Null: there is no such record now. */
  readonly current: JsonObject | null;
  /** Newest first. `endedAt`: by the source's time, where it tells one. */
  readonly earlier: readonly { readonly doc: JsonObject; readonly endedAt: Date }[];
}

export interface GoneDocument {
  readonly stream: StreamId;
  readonly id: string;
  readonly doc: JsonObject;
  /** Its access class when it was deleted; null: nobody knew who could see it. */
  readonly acl: number | null;
  /** Where it stands among the others; to be handed back. */
  readonly knownAt: string;
}
