import { recordWriters, type RecordWriter, type TenantStream } from '../../mapping/index.ts';
import type { Manifest } from '../../manifest/index.ts';

/** How records of models are written, by model. */
export type WritersOf = (
  manifest: Manifest,
  streams: readonly TenantStream[],
) => ReadonlyMap<string, readonly RecordWriter[]>;

/** Worked out once for each manifest and what was discovered. */
export function createWritersOf(): WritersOf {
  const known = new WeakMap<
    readonly TenantStream[],
    { readonly manifest: Manifest; readonly writers: ReturnType<WritersOf> }
  >();
  return (manifest, streams) => {
    const present = known.get(streams);
    if (present?.manifest === manifest) return present.writers;
    const writers = recordWriters(manifest, streams);
    known.set(streams, { manifest, writers });
    return writers;
  };
}
