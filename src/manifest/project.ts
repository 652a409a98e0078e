import type { Problem } from './problem.ts';
import type { LiveWays, Manifest, NewFieldWays, ProviderLimit } from './types.ts';

/**
 * A project as it lies on disk: path with `/` from the project's root to
 * content. Bytes where they came from a disk, text where they were decoded.
 */
export type ProjectFiles = ReadonlyMap<string, string | Uint8Array>;

/** Names that other layers own, passed in as data. */
export interface KnownNames {
  readonly connectors: Iterable<string>;
  readonly tools: Iterable<string>;
  /** What alerts can be about. Absent: routes are not checked for it. */
  readonly alertTopics?: Iterable<string>;
  /** By connector: the limits that an integration may lower. Absent: they are not checked. */
  readonly providerLimits?: ReadonlyMap<string, readonly ProviderLimit[]>;
  /** By connector. Absent: whether a provider tells of changes at all is not checked. */
  readonly liveWays?: ReadonlyMap<string, LiveWays>;
  /** What people mean in every app, by name. Absent: a grant's names without a dot are not checked. */
  readonly intents?: Iterable<string>;
  /** By connector; null: it makes no fields. Absent: whether it does is not checked. */
  readonly newFieldWays?: ReadonlyMap<string, NewFieldWays | null>;
}

export type LoadResult =
  | {
      readonly kind: 'ok';
      readonly manifest: Manifest;
      /** The files as text, for the revision that is stored. */
      readonly files: ReadonlyMap<string, string>;
      /** Content hash: equal for projects that mean the same. */
      readonly hash: string;
    }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };
