import { globMatches, type Integration } from '../manifest/index.ts';
import type { NativeObjectSummary } from '../schema/index.ts';

/** One native object that is to be replicated. */
export interface PlannedStream {
  readonly object: string;
  readonly everyS: number;
}

export interface StreamsPlan {
  readonly streams: readonly PlannedStream[];
  /** Objects that the integration names and this customer's system does not have or does not list. */
  readonly missing: readonly string[];
}

/** Objects that nothing in the manifest schedules: custom objects found by a glob. */
const ALSO_SYNC_EVERY_S = 900;

/**
 * Pure: what an integration wants, met with what this customer's system has.
 * Declared objects first. Whatever asks for it, nothing outside the fence of
 * `scope.read` is read.
 */
export function planStreams(integration: Integration, all: readonly NativeObjectSummary[]): StreamsPlan {
  const found = all.filter(({ name }) => integration.scope.read.some((glob) => globMatches(glob, name)));
  const byName = new Map(found.map((summary) => [summary.name, summary]));
  const streams: PlannedStream[] = [];
  const missing: string[] = [];
  for (const declared of integration.objects.values()) {
    if (byName.get(declared.from)?.replicable === true) {
      streams.push({ object: declared.from, everyS: declared.sync.everyS });
    } else {
      missing.push(declared.from);
    }
  }
  const planned = new Set(streams.map((stream) => stream.object));
  for (const summary of found) {
    if (planned.has(summary.name) || !summary.replicable) continue;
    if (integration.alsoSync.some((glob) => globMatches(glob, summary.name))) {
      streams.push({ object: summary.name, everyS: ALSO_SYNC_EVERY_S });
    }
  }
  return { streams, missing };
}
