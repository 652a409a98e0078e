import type { Json } from '../../kernel/index.ts';
import type { Asker, PlanPorts } from '../plan/ports.ts';
import { refOf } from './read-input.ts';

/** A record that a request speaks of; `take`: the field by which another model refers to it, null: its own id. */
export interface RecordWish {
  readonly ref: string;
  readonly object: string | null;
  readonly take: string | null;
}

/** Undefined: there is no such record for the caller. */
export type FindRecord = (wish: RecordWish) => Json | undefined;

/** One look-up for all records of an object: whoever speaks of a record has to be shown it. */
export async function findRecords(ports: PlanPorts, asker: Asker, wishes: readonly RecordWish[]): Promise<FindRecord> {
  const groups = new Map<string, { readonly name: string; readonly take: string | null; readonly refs: Set<string> }>();
  for (const wish of wishes) {
    for (const name of objectsFor(asker, wish)) {
      const key = JSON.stringify([name, wish.take]);
      const group = groups.get(key) ?? { name, take: wish.take, refs: new Set<string>() };
      group.refs.add(wish.ref);
      groups.set(key, group);
    }
  }
  const found = new Map<string, Json>();
  for (const { name, take, refs } of groups.values()) {
    const rows = await ports.locate(asker.caller, {
      object: name,
      by: { kind: 'id' },
      wanted: [...refs],
      fields: take === null ? [] : [take],
    });
    for (const { asked, values } of rows) {
      found.set(JSON.stringify([asked, take]), take === null ? (refOf(asked)?.id ?? null) : (values[take] ?? null));
    }
  }
  return ({ ref, take }) => found.get(JSON.stringify([ref, take]));
}

/** What shows the caller records of that kind: the model that is referred to, else whatever does. */
function objectsFor({ caller }: Asker, { ref, object, take }: RecordWish): readonly string[] {
  const named = refOf(ref);
  const showing = [...caller.objects.values()].filter(
    ({ name, sources, fields }) =>
      (object === null || name === object) &&
      (take === null || fields.has(take)) &&
      sources.some((source) => source.connectionSlug === named?.slug && source.nativeObject === named.object),
  );
  return showing.map(({ name }) => name);
}
