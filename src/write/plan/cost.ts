import type { WriteForm, WriteOperation, WriteWay } from '../../connectors/index.ts';
import type { WritePlan } from '../types.ts';
import type { Draft } from './draft.ts';
import type { OpenTarget } from './targets.ts';

/** The form that needs the fewest calls for so many records. */
export function formFor({ forms }: WriteWay, records: number): WriteForm | null {
  return forms.reduce<WriteForm | null>(
    (best, form) =>
      form.recordsFrom <= Math.max(1, records) && (best === null || form.recordsFrom >= best.recordsFrom) ? form : best,
    null,
  );
}

/** Calls to each connection that the plan will need, as its connector counts them. */
export function costOf(drafts: readonly Draft[]): WritePlan['cost'] {
  const groups = new Map<string, { target: OpenTarget; operation: WriteOperation; records: number }>();
  for (const { target, operation } of drafts) {
    const key = `${String(target.stream.stream)} ${operation}`;
    const group = groups.get(key) ?? { target, operation, records: 0 };
    group.records += 1;
    groups.set(key, group);
  }
  const calls = new Map<string, number>();
  for (const { target, operation, records } of groups.values()) {
    const way = target.wayOf(operation);
    const form = way === null ? null : formFor(way, records);
    if (form === null) continue;
    const slug = target.stream.connectionSlug;
    const own = target.writes.callsFor(target.stream.object, operation, form.name, records);
    calls.set(slug, (calls.get(slug) ?? 0) + own);
  }
  return [...calls].map(([connection, own]) => ({ connection, calls: own }));
}
